"""The screens of Pro services: the list of engagements, the session page, its dialogs, and who follows a session."""
