"""Text, calendars and scores in: one vendor a file, its SDK imported only there."""
