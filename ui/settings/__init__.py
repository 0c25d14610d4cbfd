"""The Settings section: who acts here, how the window looks, and the hub."""
