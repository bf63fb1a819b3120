"""The same scene in an established program beside ours, point by point (extra ``verify``)."""
