"""What a person sees of the sync: the drawer with what needs them, its cards, and the dialog that connects to a hub."""
