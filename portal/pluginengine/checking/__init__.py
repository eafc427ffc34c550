"""What `portal plugin check` looks at: a plugin's files, its code, and what it says about data on people."""

from portal.pluginengine.checking.checks import CHECKS, Check, check
from portal.pluginengine.checking.findings import Finding
from portal.pluginengine.checking.subjects import Subject, subject_in, subjects_of_site

__all__ = ["CHECKS", "Check", "Finding", "Subject", "check", "subject_in", "subjects_of_site"]
