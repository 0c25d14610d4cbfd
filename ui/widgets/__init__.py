"""Small painted parts that every section of the window shares: chips, glyphs, hatch, avatars, buttons."""
