"""The ticket pane: a ticket's conversation, its composer, its clocks and its properties (design language 4.4 to 4.7).

Qt only. Everything it knows and does goes through the desk on its worker thread; the shell shows `pane.TicketPane` and
says which ticket. What can be decided without Qt (`blocks`, `mail_text`, `clock_face`, `consequence`) is pure.
"""
