"""Questions answered from what the support team has already said. Never imports `ingestion` or `analytics`."""
