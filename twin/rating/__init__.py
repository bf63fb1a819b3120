"""GB/T 50378 as data, and one evaluator per clause."""
