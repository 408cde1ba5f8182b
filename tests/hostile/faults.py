"""All faults: `FAULTS`, by name."""

from __future__ import annotations

import fault
import faults_network
import faults_pages
import faults_sites
import faults_text

FAULTS = fault.FAULTS
NUMBER = {name: number for number, name in enumerate(FAULTS)}
"""Tells the sites of faults apart: a fault has the same address and neighbours in every crawl."""

__all__ = ["FAULTS", "NUMBER", "faults_network", "faults_pages", "faults_sites", "faults_text"]
