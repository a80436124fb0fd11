"""The demo's patients and models: three hospitals cut from public data, and the script that trains.

`hospitals` splits the Wisconsin Diagnostic Breast Cancer data and writes each hospital's raw export,
`train` makes the shipped models' additional files. May import scikit-learn and numpy, which nothing
below deployments may. Real hospitals never run this: what is here is public data with made-up ids.
"""
