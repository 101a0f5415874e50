"""What the words of a task say: the files it writes and reads, the names it makes and uses, the tasks it relies on."""
