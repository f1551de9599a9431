"""The HTTP face of the hub, for host platforms: thin over `hub.hub.Hub`, nothing of its own."""
