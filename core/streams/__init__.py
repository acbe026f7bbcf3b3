"""Redis Streams through FastStream: publishing with back-pressure, consuming with leases, retries and dead letters."""
