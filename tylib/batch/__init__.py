"""Many briefs at once: a plan becomes jobs, jobs become notebooks and pages, pages become a site.

The only floor that knows papermill, nbconvert and nbformat; each is imported where it is used.
"""
