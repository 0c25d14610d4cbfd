"""Paper through Qt: the session report as PDF. Reached by the entry point group `support_console.paper` only
(`console/paper/printing.py`), so that the core runs without Qt.
"""
