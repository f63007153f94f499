"""When: working calendar, duties, reminders, outbox and notices."""
