"""Imaging reads entered, changed and taken out through the services; every line of them in the trail."""


import pytest

from tests.assessments.imaging_cases import enter_course

TWO_PERIODS = """
    -7  T1=60 T2=40 N1:present
    42  T1=40 T2=30 N1:present
    84  T1=45 T2=35 N1:present
    126 T1=50 T2=37 N1:present +X1=15/typical
    168 T1=50 X1=16 N1:present
    210 T1=60 X1=20 N1:present
"""
pytestmark = pytest.mark.django_db


def test_first_progression_new_baseline_second_progression(patient):
    entered = enter_course(patient, TWO_PERIODS, first="T1 T2 / N1", second="T1 X1 / N1", chosen_on="126")
    assert entered.overall() == "1: 42 PR, 84 SD, 126 PD; 2: 168 SD, 210 PD"
