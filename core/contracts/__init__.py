"""What two processes must agree on: the messages in the streams, and the streams' names."""
