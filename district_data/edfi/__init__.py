"""Reads a folder of Ed-Fi interchange files into a district's database (docs/load-edfi.md).

reader     the files as a stream of elements, one record at a time
dialects   what differs between Ed-Fi 5.2 and 2.0
mapping    one small function per element kind: which rows of which DIS objects it becomes
rows       rows in the catalogue's types; what could not be understood is counted
writer     COPY into the district's tables, in one transaction
loading    the steps in order
"""
