"""Second floor, other wing: AWS. The only code that imports boto3 and pynamodb."""
