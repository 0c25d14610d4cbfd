"""The window around the sections: rail, views, strip, toasts, banner, and how it starts and ends."""
