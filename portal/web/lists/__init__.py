"""Lists: columns that can be sorted, filtered and exported, pages by key, the query in the address."""
