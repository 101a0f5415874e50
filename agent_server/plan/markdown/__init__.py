"""What plans in Markdown share, whatever their format: blocks, lists, boxes, and the prose that every agent gets."""
