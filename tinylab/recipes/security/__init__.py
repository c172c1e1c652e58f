"""What the security class looks up: the bundled keyword model under every attack."""
