"""The protocol file: what it says, and what a wrong one is told."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import trial
from trial.domain.analysis_plan import BandTransform, Causality, Milestone
from trial.domain.criteria import NumberRule, Operator, RecentEventRule, UlnRule
from trial.domain.data_items import DataItem, ItemType
from trial.domain.dosing import Frequency
from trial.domain.errors import InvalidValue, ProtocolError
from trial.domain.protocol import Protocol, SiteDefinition, check_superseded, parse_protocol

TEXT = (Path(trial.__file__).parent / "protocols" / "sorafenib_beyond_progression.toml").read_text("utf-8")
PROTOCOL = parse_protocol(TEXT)

# What is changed in the shipped file (“old” becomes “new”; “+” puts a line before), the key that is named,
# the line that is named (the first one holding this text), and words of the message.
WRONG_FILES = """
    version = "1.0"            => version = 1.0                  ! version ! version = 1.0 ! must be text in quotes, not “1.0” (a number)
    version = "1.0"            => version = ""                   ! version ! version = "" ! must not be empty
    version = "1.0"            =>                                ! version ! - ! the key “version” is missing
    version = "1.0"            => version = "1.0"\\nsupersedes = "1.0" ! supersedes ! supersedes ! cannot supersede itself
    title =                    => titel =                        ! titel ! titel = ! this key is not known; did you mean “title”?
    title =                    => [zzz]\\ntitle =                ! zzz ! [zzz] ! this key is not known
    accrual_target = 40        => accrual_target = "40"          ! accrual_target ! accrual_target ! must be a whole number, not “40” (text in quotes)
    accrual_target = 40        => accrual_target = true          ! accrual_target ! accrual_target ! not “True” (true or false)
    accrual_target = 40        => accrual_target = 0             ! accrual_target ! accrual_target ! must be above 0
    cut_off = 2014-06-01       => cut_off = 2014-06-01T00:00:00  ! cut_off ! cut_off ! not a date with a time
    cut_off = 2014-06-01       => cut_off = 07:00:00             ! cut_off ! cut_off ! a time of day
    cut_off = 2014-06-01       => cut_off = 2014-06-31           ! - ! cut_off ! not valid TOML
    accrual_target = 40        => accrual_target = 40\\naccrual_target = 41 ! - ! accrual_target = 41 ! not valid TOML: Cannot overwrite a value
    [schedule]                 => [schedule                      ! - ! [schedule ! not valid TOML
    [rebaseline]               => [[rebaseline]]                 ! rebaseline ! [[rebaseline]] ! must be a table, not a list
    id = "OS"                  => id = {}                        ! endpoints[3].id ! id = {} ! must be text in quotes, not a table
    imaging_window_days = 14   => imaging_window_days = 42       ! schedule.imaging_window_days ! imaging_window_days ! below the interval
    visit_interval_days = 14   => visit_interval_days = 0        ! schedule.visit_interval_days ! visit_interval_days ! must be above 0
    first_dose_within_days = 14 => first_dose_within_days = -1   ! schedule.first_dose_within_days ! first_dose ! must not be negative
    first_dose_within_days = 14 =>                               ! schedule.first_dose_within_days ! [schedule] ! is missing
    imaging_from = "previous_scan" => imaging_from = "previus_scan" ! schedule.imaging_from ! imaging_from ! “previus_scan” is not one of previous_scan, first_dose; did you mean “previous_scan”?
    imaging_from = "previous_scan" => imaging_from = 1           ! schedule.imaging_from ! imaging_from ! must be text in quotes
    level = -1                 => level = 0                      ! dosing.levels[2].level ! level = 0\\nlabel = "400 mg once ! “0” is used twice
    level = -1                 => level = -3                     ! dosing.levels[2].level ! level = -3 ! -1 is due here
    level = -1                 => level = 1                      ! dosing.levels[2].level ! level = 1 ! must be 0 or negative
    mg_per_day = 400           => mg_per_day = 300               ! dosing.levels[2].mg_per_day ! mg_per_day = 300 ! 400 mg QD is not 300 mg a day
    mg_per_dose = 400\\nfrequency = "QD"\\nmg_per_day = 400 => mg_per_dose = 800\\nfrequency = "QD"\\nmg_per_day = 800 ! dosing.levels[2].mg_per_day ! mg_per_day = 800\\n\\n[[dosing.levels]]\\nlevel = -2 ! must be below the level before
    mg_per_day = 400           => mg_per_day = nan               ! dosing.levels[2].mg_per_day ! mg_per_day = nan ! must be a number of ordinary size
    mg_per_day = 400           => mg_per_day = 1e99999999        ! dosing.levels[2].mg_per_day ! mg_per_day = 1e9 ! must be a number of ordinary size
    frequency = "BID"\\nmg_per_day = 800 => frequency = "BID"\\nmg_per_day = 800\\n[dosing.levels.x] ! dosing.levels[1].x ! [dosing.levels.x] ! this key is not known
    start_level = 0            => start_level = -3               ! dosing.start_level ! start_level ! -3 is not one of the levels
    re_escalate_up_to = 0      => re_escalate_up_to = 1          ! dosing.re_escalate_up_to ! re_escalate ! 1 is not one of the levels
    max_reductions = 2         => max_reductions = 3             ! dosing.max_reductions ! max_reductions ! must be 0 to 2
    max_targets = 5            => max_targets = 1                ! response.max_targets_per_organ ! max_targets_per_organ ! must be 1 to max_targets
    min_target_node_mm = 15    => min_target_node_mm = 9         ! response.min_target_node_mm ! min_target_node_mm ! below normal_node_below_mm
    too_small_to_measure_mm = 5 => too_small_to_measure_mm = 10  ! response.too_small_to_measure_mm ! too_small ! below min_target_mm
    pr_decrease_percent = 30   => pr_decrease_percent = 100      ! response.pr_decrease_percent ! pr_decrease ! between 0 and 100
    pd_min_abs_mm = 0          => pd_min_abs_mm = -0.1           ! response.pd_min_abs_mm ! pd_min_abs ! must not be negative
    sd_min_days = 42           => sd_min_days = 42.0             ! response.sd_min_days ! sd_min_days ! must be a whole number
    opens = "T2"               => opens = "T3"                   ! rebaseline.opens ! opens = ! “T3” is not the id of a period
    opens = "T2"               => opens = "T1"                   ! rebaseline.opens ! opens = ! must differ from closes
    closes = "T1"\\nopens = "T2" => closes = "T2"\\nopens = "T1" ! rebaseline.opens ! opens = "T1" ! period “T1” does not start where “T2” ends
    id = "T2"                  => id = "T1"                      ! periods[2].id ! id = "T1"\\nlabel = "Treatment 2" ! “T1” is used twice
    end = "second_progression" => end = "first_progression"      ! periods[2].end ! end = "first_progression"\\n\\n[rebaseline] ! must differ from start
    reselect_targets = true    => reselect_targets = "yes"       ! rebaseline.reselect_targets ! reselect ! must be true or false
    ctcae_version = "4.03"     => ctcae_version = "4.3"          ! adverse_events.ctcae_version ! ctcae_version ! not one of 4.03
    window_days = 30           => window_days = -30              ! adverse_events.window_days ! window_days = -30 ! must not be negative
    "PROBABLE", "DEFINITE"]    => "PROBABLE",\\n "CERTAIN"]      ! adverse_events.related[3] ! "CERTAIN" ! “CERTAIN” is not one of
    always_show = ["Death NOS"] => always_show = "Death NOS"     ! adverse_event_table.always_show ! always_show ! must be a list
    severe_from_grade = 3      => severe_from_grade = 6          ! adverse_event_table.severe_from_grade ! severe_from ! a grade from 2 to 5
    any_grade_percent = 10     => any_grade_percent = 101        ! adverse_event_table.any_grade_percent ! any_grade ! must not be above 100
    confidence_percent = 95    => confidence_percent = 100       ! statistics.confidence_percent ! confidence_percent ! must lie between 50 and 100
    requires = ["enrolment"]   => requires = []                  ! analysis_sets[1].requires ! requires = [] ! at least one milestone
    id = "safety"              => id = "enrolled"                ! analysis_sets[2].id ! id = "enrolled"\\nlabel = "Safety set" ! “enrolled” is used twice
    id = "OS"                  => id = " "                       ! endpoints[3].id ! id = " " ! must not be empty
    censors = ["last_contact"] => censors = ["death"]            ! endpoints[3].censors[1] ! censors = ["death"] ! “death” is an event already
    censors = ["last_contact"] => censors = []                   ! endpoints[3].censors ! censors = [] ! at least one censoring source
    events = ["death"]         => events = ["enrolment"]         ! endpoints[3].start ! start = "enrolment" ! must not be one of the events
    analysis_set = "treatment_2" => analysis_set = "treatment_3" ! endpoints[2].analysis_set ! "treatment_3" ! “treatment_3” is not the id of an analysis set
    id = "safety"              => id = "safe"                    ! analysis_sets ! [[analysis_sets]] ! an analysis set with the id “safety” is needed
    id = "OS"                  => id = "OSX"                     ! endpoints ! [[endpoints]] ! an endpoint with the id “OS” is needed
    id = "OS"                  => id = "SURVIVALTIME"            ! endpoints[3].id ! id = "SURV ! must not be longer than 8 characters
    id = "OS"                  => id = "O/S"                     ! endpoints[3].id ! id = "O/S" ! must be of letters and digits
    label = "Overall survival" => label = "Overall survival, from the day of enrolment to the day of death" ! endpoints[3].label ! label = "Overall survival, ! must not be longer than 50 characters
    start = "enrolment"        => start = "consent"              ! endpoints[3].start ! start = "consent" ! overall survival starts at enrolment or first_dose
    label = "Treatment 1"      => label = " "                    ! periods[1].label ! label = " " ! must not be empty
    drug = "Sorafenib"         => drug = ""                      ! dosing.drug ! drug = "" ! must not be empty
    code = "02"                => code = "01"                    ! sites[2].code ! code = "01"\\nname = "Asahi ! “01” is used twice
    code = "02"                => code = "02345678901"           ! sites[2].code ! code = "02345678901" ! must not be longer than 10 characters
    version = "1.0"            => version = "1\\u0000"           ! version ! version = "1 ! must not contain control characters
    code = "02"                => code = " "                     ! sites[2].code ! code = " " ! must not be empty
    id = "I08"                 => id = "I07"                     ! eligibility[8].id ! id = "I07"\\nkind = "INCLUSION"\\ntext = "Hemo ! “I07” is used twice
    id = "I08"\\nkind = "INCLUSION" => id = "I08"\\nkind = "INCL" ! eligibility[8].kind ! kind = "INCL" ! is not one of INCLUSION, EXCLUSION
    id = "I08"\\nkind = "INCLUSION" => id = "I08"                ! eligibility[8].kind ! [[eligibility]]\\nid = "I08" ! the key “kind” is missing
    text = "Brain tumor"       => text = ""                      ! eligibility[26].text ! text = "" ! must not be empty
    rule = { type = "flag", items = ["brain_tumor"] } => rule = "brain_tumor" ! eligibility[26].rule ! rule = "brain_tumor" ! must be a table
    rule = { type = "flag", items = ["brain_tumor"] } => rule = { items = ["brain_tumor"] } ! eligibility[26].rule.type ! rule = { items ! the key “type” is missing
    rule = { type = "flag", items = ["brain_tumor"] } => rule = { type = "flagg", items = [] } ! eligibility[26].rule.type ! flagg ! did you mean “flag”?
    rule = { type = "flag", items = ["brain_tumor"] } => rule = { type = "flag", items = [] } ! eligibility[26].rule.items ! items = [] ! at least one item
    ["brain_tumor"]            => ["brain_tumour"]               ! eligibility[26].rule.items[1] ! brain_tumour ! did you mean “brain_tumor”?
    ["brain_tumor"]            => ["dialysis", "ecog"]           ! eligibility[26].rule.items[2] ! "ecog"] ! “ecog” is a number; yes or no is needed here
    limit = 8.5, unit = "g/dL" => limit = 85, unit = "g/L"       ! eligibility[8].rule.unit ! g/L ! “hemoglobin” is recorded in “g/dL”
    item = "hemoglobin"        => item = "birth_date"            ! eligibility[8].rule.item ! item = "birth_date", operator ! “birth_date” is a date
    operator = ">=", limit = 8.5 => operator = "=>", limit = 8.5 ! eligibility[8].rule.operator ! "=>" ! is not one of >=, <=, >, <
    reference = "consent_date" => reference = "ecog"             ! eligibility[1].rule.reference ! reference = "ecog" ! a date is needed here
    operator = ">=", limit = 20 => operator = ">=", limit = -20  ! eligibility[1].rule.limit ! -20 ! an age cannot be negative
    multiple = 1.5             => multiple = 0                   ! eligibility[14].rule.multiple ! multiple = 0 ! must be above 0
    uln_item = "alt_uln"       => uln_item = "creatinine_uln"    ! eligibility[13].rule.uln_item ! item = "alt", ! not in the unit of the item
    item = "enhancing_lesion_mm", operator = ">=", limit = 10, unit = "mm" => item = "enhancing_lesion_mm", operator = ">=", limit = 1, unit = "cm" ! eligibility[6].rule.unit ! "cm" ! is recorded in “mm”
    modality_item = "imaging_modality" => modality_item = "ecog" ! eligibility[6].rule.modality_item ! modality_item ! a choice is needed here
    not_after = "enrolment_date" => not_after = "hiv"            ! eligibility[15].rule.not_after ! "hiv" } ! a date is needed here
    months = 1,                => months = 0,                    ! eligibility[28].rule.months ! months = 0, ! must be above 0
    title =                    => supersedes = ""\\ntitle =       ! supersedes ! supersedes ! must not be empty
    registry_id = "UMIN000005818" => registry_id = ""            ! registry_id ! registry_id ! must not be empty
    primary_objective =        => primary_objective = " " #      ! primary_objective ! primary_objective ! must not be empty
    accrual_target = 40        => accrual_target = 40_000_000    ! accrual_target ! accrual_target ! must not be above 100000
    cut_off = 2014-06-01       => cut_off = 0001-01-01           ! cut_off ! cut_off ! must lie between 1990-01-01 and 2100-12-31
    cut_off = 2014-06-01       => cut_off = 9999-12-31           ! cut_off ! cut_off ! must lie between 1990-01-01 and 2100-12-31
    visit_interval_days = 14   => visit_interval_days = 367      ! schedule.visit_interval_days ! visit_interval_days ! must not be above 366
    imaging_interval_days = 42 => imaging_interval_days = 99_999_999_999 ! schedule.imaging_interval_days ! imaging_interval ! must not be above 366
    imaging_window_days = 14   => imaging_window_days = -1       ! schedule.imaging_window_days ! imaging_window_days ! must be 0 or more
    first_dose_within_days = 14 => first_dose_within_days = 367  ! schedule.first_dose_within_days ! first_dose ! must not be above 366
    re_escalate_up_to = 0      => re_escalate_up_to = -1         ! dosing.re_escalate_up_to ! re_escalate ! must be 0: no rule holds a dose below the standard once it may rise again
    start_level = 0            => start_level = -1               ! dosing.start_level ! start_level ! must be 0: relative dose intensity is counted from the standard dose
    after_last_level = "discontinue" => after_last_level = "interrupt" ! dosing.after_last_level ! after_last ! “interrupt” is not one of discontinue
    reduce_for = "Drug-related adverse event" => reduce_for = "" ! dosing.reduce_for ! reduce_for ! must not be empty
    label = "400 mg once daily" => label = ""                    ! dosing.levels[2].label ! label = "" ! must not be empty
    label = "400 mg once daily" => label = "400 mg twice daily"  ! dosing.levels[2].label ! label = "400 mg twice daily"\\nmg_per_dose = 400\\nfrequency = "QD" ! “400 mg twice daily” is used twice
    mg_per_dose = 400\\nfrequency = "BID"\\nmg_per_day = 800 => mg_per_dose = 0\\nfrequency = "BID"\\nmg_per_day = 0 ! dosing.levels[1].mg_per_dose ! mg_per_dose = 0 ! must be above 0
    mg_per_dose = 400\\nfrequency = "BID"\\nmg_per_day = 800 => mg_per_dose = 2001\\nfrequency = "BID"\\nmg_per_day = 4002 ! dosing.levels[1].mg_per_dose ! mg_per_dose = 2001 ! must not be above 2000
    mg_per_dose = 400\\nfrequency = "BID"\\nmg_per_day = 800 => mg_per_dose = 400.001\\nfrequency = "BID"\\nmg_per_day = 800.002 ! dosing.levels[1].mg_per_dose ! mg_per_dose = 400.001 ! must have at most 2 decimals
    max_reductions = 2         => max_reductions = -1            ! dosing.max_reductions ! max_reductions ! must be 0 to 2
    standard = "mRECIST"       => standard = "RECIST 1.1"        ! response.standard ! standard = ! “RECIST 1.1” is not one of mRECIST
    pd_increase_percent = 20   => pd_increase_percent = 0        ! response.pd_increase_percent ! pd_increase ! must lie between 0 and 1000
    pd_increase_percent = 20   => pd_increase_percent = 1e9      ! response.pd_increase_percent ! pd_increase ! must lie between 0 and 1000
    pd_min_abs_mm = 0          => pd_min_abs_mm = 100.1          ! response.pd_min_abs_mm ! pd_min_abs ! must not be above 100
    pd_min_abs_mm = 0          => pd_min_abs_mm = 0.05           ! response.pd_min_abs_mm ! pd_min_abs ! must be in whole tenths of a millimetre
    sd_min_days = 42           => sd_min_days = -1               ! response.sd_min_days ! sd_min_days ! must not be negative
    sd_min_days = 42           => sd_min_days = 366              ! response.sd_min_days ! sd_min_days ! must not be above 365
    max_targets = 5            => max_targets = 0                ! response.max_targets ! max_targets = 0 ! must be above 0
    max_targets = 5            => max_targets = 51               ! response.max_targets ! max_targets = 51 ! must not be above 50
    max_targets_per_organ = 2  => max_targets_per_organ = 0      ! response.max_targets_per_organ ! max_targets_per ! must be 1 to max_targets
    min_target_mm = 10         => min_target_mm = 0              ! response.min_target_mm ! min_target_mm ! must be above 0
    min_target_mm = 10         => min_target_mm = 10.05          ! response.min_target_mm ! min_target_mm ! must be in whole tenths of a millimetre
    min_target_node_mm = 15    => min_target_node_mm = 1001      ! response.min_target_node_mm ! min_target_node_mm ! must not be above 1000
    min_porta_hepatis_node_mm = 20 => min_porta_hepatis_node_mm = 20.01 ! response.min_porta_hepatis_node_mm ! min_porta ! must be in whole tenths of a millimetre
    normal_node_below_mm = 10  => normal_node_below_mm = 0       ! response.normal_node_below_mm ! normal_node ! must be above 0
    too_small_to_measure_mm = 5 => too_small_to_measure_mm = 0   ! response.too_small_to_measure_mm ! too_small ! must be above 0
    [rebaseline]               => [[periods]]\\nid = "T3"\\nlabel = "Treatment 3"\\nstart = "second_progression"\\nend = "death"\\n\\n[rebaseline] ! periods[3] ! [[periods]]\\nid = "T3" ! there are two treatment periods: up to the first progression, and from it to the second
    [[periods]]\\nid = "T2"\\nlabel = "Treatment 2"\\nstart = "first_progression"\\nend = "second_progression" => ! periods ! [[periods]] ! there are two treatment periods
    start = "first_dose"\\nend = "first_progression" => start = "enrolment"\\nend = "first_progression" ! periods[1].start ! start = "enrolment" ! must be first_dose
    start = "first_dose"\\nend = "first_progression" => start = "first_dose"\\nend = "continuation" ! periods[1].end ! end = "continuation" ! must be first_progression
    start = "first_progression"\\nend = "second_progression" => start = "continuation"\\nend = "second_progression" ! periods[2].start ! start = "continuation" ! must be first_progression
    end = "second_progression" => end = "death"                  ! periods[2].end ! end = "death" ! must be second_progression
    label = "Treatment 2"      => label = "Treatment 1"          ! periods[2].label ! label = "Treatment 1"\\nstart = "first_progression" ! “Treatment 1” is used twice
    baseline_scan = "progression_scan" => baseline_scan = "next_scan" ! rebaseline.baseline_scan ! baseline_scan ! “next_scan” is not one of progression_scan
    reselect_targets = true    => reselect_targets = false       ! rebaseline.reselect_targets ! reselect ! must be true: the targets of Treatment 2 are always chosen afresh
    restart_nadir = true       => restart_nadir = false          ! rebaseline.restart_nadir ! restart ! must be true: sums of Treatment 1 are never looked at in Treatment 2
    ctcae_version = "4.03"     => ctcae_version = "5.0"          ! adverse_events.ctcae_version ! ctcae_version ! “5.0” is not one of 4.03
    window_days = 30           => window_days = 1000             ! adverse_events.window_days ! window_days = 1000 ! must not be above 366
    related = ["POSSIBLE",     => related = ["PROBABLE",         ! adverse_events.related[2] ! related = ! “PROBABLE” is listed twice
    related = ["POSSIBLE",     => related = ["UNRELATED",        ! adverse_events.related[1] ! related = ! “UNRELATED” is not related
    related = ["POSSIBLE", "PROBABLE", "DEFINITE"] => related = [] ! adverse_events.related ! related = ! at least one level is needed
    any_grade_percent = 10     => any_grade_percent = 0          ! adverse_event_table.any_grade_percent ! any_grade ! must be above 0
    severe_percent = 5         => severe_percent = 0             ! adverse_event_table.severe_percent ! severe_percent ! must be above 0
    severe_from_grade = 3      => severe_from_grade = 1          ! adverse_event_table.severe_from_grade ! severe_from ! a grade from 2 to 5
    always_show = ["Death NOS"] => always_show = [""]            ! adverse_event_table.always_show[1] ! always_show ! must not be empty
    always_show = ["Death NOS"] => always_show = ["Death NOS", "Death NOS"] ! adverse_event_table.always_show[2] ! always_show ! “Death NOS” is listed twice
    confidence_percent = 95    => confidence_percent = 0.001     ! statistics.confidence_percent ! confidence_percent ! must lie between 50 and 100
    proportion_interval = "clopper-pearson" => proportion_interval = "wilson" ! statistics.proportion_interval ! proportion ! “wilson” is not one of clopper-pearson
    label = "Safety set"       => label = ""                     ! analysis_sets[2].label ! label = "" ! must not be empty
    label = "Safety set"       => label = "Enrolled"             ! analysis_sets[2].label ! label = "Enrolled"\\nrequires = ["enrolment", "first_dose", "safety_assessment"]\\n ! “Enrolled” is used twice
    requires = ["enrolment", "first_dose", "safety_assessment"] => requires = ["enrolment", "first_dose"] ! analysis_sets[2].requires ! requires = ["enrolment", "first_dose"] ! must be enrolment, first_dose, safety_assessment: tables and patient flow rest on it
    "safety_assessment", "first_progression", "continuation"] => "safety_assessment", "continuation"] ! analysis_sets[3].requires ! "safety_assessment", "continuation"] ! must be enrolment, first_dose, safety_assessment, first_progression, continuation
    requires = ["enrolment"]   => requires = ["enrolment", "enrolment"] ! analysis_sets[1].requires[2] ! requires = ["enrolment", "enrolment"] ! “enrolment” is listed twice
    id = "TTP1"                => id = "FLOW"                    ! endpoints[1].id ! id = "FLOW" ! “FLOW” is the name of another output or page of a run
    id = "TTP1"                => id = "ADSL"                    ! endpoints[1].id ! id = "ADSL" ! “ADSL” is the name of another output
    id = "TTP1"                => id = "TABLE_1"                 ! endpoints[1].id ! id = "TABLE_1" ! must be of letters and digits
    id = "TTP1"                => id = "TABLES"                  ! endpoints[1].id ! id = "TABLES" ! “TABLES” is the name of another output
    id = "TTP1"                => id = "PROGRESS"                ! endpoints[1].id ! id = "PROGRESS" ! “PROGRESS” is the name of another output
    id = "TTP1"                => id = "os"                      ! endpoints[1].id ! id = "os" ! must be in capitals, the first of them a letter
    id = "TTP1"                => id = "1TTP"                    ! endpoints[1].id ! id = "1TTP" ! must be in capitals, the first of them a letter
    label = "Time to first progression" => label = "Overall survival" ! endpoints[3].label ! label = "Overall survival"\\nstart = "enrolment" ! “Overall survival” is used twice
    start = "first_dose"\\nevents => start = "last_contact"\\nevents ! endpoints[1].start ! start = "last_contact" ! must be one of consent, enrolment, first_dose, first_progression, continuation, second_progression
    events = ["second_progression"] => events = ["first_dose"]   ! endpoints[2].events[1] ! events = ["first_dose"] ! “first_dose” comes before the start, first_progression
    events = ["death"]         => events = ["death", "death"]    ! endpoints[3].events[2] ! events = ["death", "death"] ! “death” is listed twice
    events = ["death"]         => events = ["second_progression"] ! endpoints[3].events ! events = ["second_progression"]\\ncensors = ["last_contact"] ! overall survival ends with death
    censors = ["last_contact"] => censors = ["last_contact", "last_contact"] ! endpoints[3].censors[2] ! censors = ["last_contact", "last_contact"] ! “last_contact” is listed twice
    censors = ["last_contact"] => censors = ["consent"]          ! endpoints[3].censors[1] ! censors = ["consent"] ! “consent” comes before the start, enrolment
    code = "02"                => code = "0/2"                   ! sites[2].code ! code = "0/2" ! must be of letters and digits
    name = "Asahigaoka University Hospital (SYNTHETIC)" => name = "Minatogawa General Hospital (SYNTHETIC)" ! sites[2].name ! name = "Minatogawa General Hospital (SYNTHETIC)"\\n\\n[[sites]]\\ncode = "03" ! is used twice
    item = "birth_date", reference = "consent_date" => item = "consent_date", reference = "birth_date" ! eligibility[1].rule.item ! item = "consent_date", reference ! must be birth_date
    reference = "consent_date" => reference = "birth_date"       ! eligibility[1].rule.reference ! reference = "birth_date" ! must be another date than the item
    operator = ">=", limit = 20 => operator = ">=", limit = 200  ! eligibility[1].rule.limit ! limit = 200 ! must not be above 120
    limit = 8.5, unit          => limit = -8.5, unit             ! eligibility[8].rule.limit ! limit = -8.5 ! must not be negative
    multiple = 1.5             => multiple = 1000                ! eligibility[14].rule.multiple ! multiple = 1000 ! must not be above 100
    uln_item = "alt_uln"       => uln_item = "ast_uln"           ! eligibility[13].rule.uln_item ! item = "alt", ! “ast_uln” is not the upper limit of normal of “alt”
    item = "ast", uln_item = "ast_uln" => item = "ast_uln", uln_item = "ast" ! eligibility[12].rule.uln_item ! item = "ast_uln", ! “ast” is not the upper limit of normal of “ast_uln”
    item = "enhancing_lesion_mm", operator = ">=", limit = 10, unit = "mm" => item = "ecog", operator = ">=", limit = 10, unit = "" ! eligibility[6].rule.item ! item = "ecog", operator = ">=", limit = 10 ! is not a size in mm
    modalities = ["CONTRAST ENHANCED CT SCAN", => modalities = ["DYNAMIC CONTRAST ENHANCED MRI", ! eligibility[6].rule.modalities[2] ! modalities = ! is listed twice
    item = "consent_date", not_after = "enrolment_date" => item = "consent_date", not_after = "consent_date" ! eligibility[15].rule.not_after ! not_after = "consent_date" ! must be another date than the item
    months = 1,                => months = 1201,                 ! eligibility[28].rule.months ! months = 1201, ! must not be above 1200
    date_item = "unstable_angina_date" => date_item = "gi_hemorrhage_date" ! eligibility[22].rule.date_item ! item = "unstable_angina", date_item ! “gi_hemorrhage_date” is not the date of “unstable_angina”
    date_item = "unstable_angina_date", months = 12, before = "enrolment_date" => date_item = "unstable_angina_date", months = 12, before = "birth_date" ! eligibility[22].rule.before ! before = "birth_date" ! must be consent_date or enrolment_date
    ["brain_tumor"]            => ["brain_tumor", "brain_tumor"] ! eligibility[26].rule.items[2] ! "brain_tumor", "brain_tumor" ! “brain_tumor” is listed twice
"""  # noqa: E501


def wrong_files() -> list[tuple[str, str, str, str, str]]:
    files = []
    for row in filter(str.strip, WRONG_FILES.splitlines()):
        change, key, line, words = (cell.strip() for cell in row.split(" ! "))
        old, new = (part.strip().replace("\\n", "\n") for part in change.split("=>", 1))
        files.append((old, new, key, line.replace("\\n", "\n"), words))
    return files


@pytest.mark.parametrize(("old", "new", "key", "line", "words"), wrong_files())
def test_a_wrong_file_is_told_the_key_and_the_line(
    old: str, new: str, key: str, line: str, words: str
) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    number = 1 if line == "-" else text[: text.index(line)].count("\n") + 1
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(text)
    message = str(caught.value)
    assert message.startswith(f"line {number}: " if key == "-" else f"line {number}, {key}: ")
    assert words in message
    assert caught.value.line == number


@pytest.mark.parametrize("key", ["sites", "periods", "analysis_sets", "endpoints", "eligibility"])
def test_an_empty_list_is_refused(key: str) -> None:
    with pytest.raises(InvalidValue, match="at least one entry is needed"):
        replace(PROTOCOL, **{key: ()})


def test_a_drug_without_dose_levels_is_refused() -> None:
    with pytest.raises(InvalidValue, match="at least one dose level"):
        replace(PROTOCOL.dosing, levels=())


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file_is_told_its_first_missing_key(text: str) -> None:
    with pytest.raises(ProtocolError, match="line 1, id: the key “id” is missing"):
        parse_protocol(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('id = "x"\ntitle = """', 2),
        ("x = 1" + "0" * 5000, 1),
        ("x = 1e" + "9" * 30, 1),
        ("x = " + "[" * 20000, 1),
    ],
)
def test_a_text_the_reader_gives_up_on_is_an_error_of_the_file(text: str, line: int) -> None:
    with pytest.raises(ProtocolError, match="not valid TOML") as caught:
        parse_protocol(text)
    assert caught.value.line == line


def test_the_trial_is_the_one_published() -> None:
    assert (PROTOCOL.registry_id, PROTOCOL.accrual_target) == ("UMIN000005818", 40)
    assert PROTOCOL.cut_off == date(2014, 6, 1)
    assert PROTOCOL.supersedes is None
    assert len(PROTOCOL.sites) == 8
    assert all("SYNTHETIC" in site.name for site in PROTOCOL.sites)
    assert PROTOCOL.sites[0] == SiteDefinition(code="01", name="Minatogawa General Hospital (SYNTHETIC)")


def test_there_are_15_inclusion_and_22_exclusion_criteria() -> None:
    assert [c.id for c in PROTOCOL.inclusion] == [f"I{n:02}" for n in range(1, 16)]
    assert [c.id for c in PROTOCOL.exclusion] == [f"E{n:02}" for n in range(1, 23)]


def test_every_item_of_the_form_is_asked_for_by_a_criterion() -> None:
    asked = {
        item
        for criterion in PROTOCOL.eligibility
        for name in criterion.rule.__slots__
        for item in as_items(getattr(criterion.rule, name))
    }
    assert asked == set(DataItem)


def as_items(value: object) -> list[DataItem]:
    entries = value if isinstance(value, tuple) else (value,)
    return [entry for entry in entries if isinstance(entry, DataItem)]


LIMITS = """
    I08 hemoglobin >= 8.5
    I09 neutrophils >= 1500
    I10 platelets >= 50000
    I11 bilirubin <= 2.0
    I12 ast <= 5
    I13 alt <= 5
    I14 creatinine <= 1.5
    E16 arrhythmia_grade >= 2
"""


@pytest.mark.parametrize("row", LIMITS.split("\n")[1:-1])
def test_limits_are_those_of_the_protocol(row: str) -> None:
    criterion_id, item, operator, limit = row.split()
    rule = next(c.rule for c in PROTOCOL.eligibility if c.id == criterion_id)
    assert isinstance(rule, NumberRule | UlnRule)
    assert (rule.item, rule.operator) == (item, operator)
    assert (rule.limit if isinstance(rule, NumberRule) else rule.multiple) == Decimal(limit)


def test_recent_events_look_back_12_months_and_hemorrhage_1_month() -> None:
    rules = {c.id: c.rule for c in PROTOCOL.eligibility if isinstance(c.rule, RecentEventRule)}
    assert {key: rule.months for key, rule in rules.items()} == {
        "E06": 12, "E07": 12, "E08": 12, "E09": 12, "E13": 1
    }  # fmt: skip


def test_visits_scans_and_first_dose_have_their_windows() -> None:
    assert PROTOCOL.schedule.visit_days == (7, 21)
    assert PROTOCOL.schedule.imaging_days == (28, 56)
    assert PROTOCOL.schedule.first_dose_within_days == 14


def test_dose_levels_fall_from_800_to_200_mg_a_day() -> None:
    dosing = PROTOCOL.dosing
    assert [(rung.level, rung.label, rung.mg_per_day) for rung in dosing.levels] == [
        (0, "400 mg twice daily", 800),
        (-1, "400 mg once daily", 400),
        (-2, "400 mg every 2 days", 200),
    ]
    assert dosing.standard_mg_per_day == 800
    assert dosing.level_of(Decimal(200)) is dosing.levels[2]
    assert dosing.level_of(Decimal(600)) is None
    assert [Frequency(code).per_day for code in ("BID", "QD", "QOD")] == [2, 1, Decimal("0.5")]


def test_endpoints_name_their_start_events_and_censors() -> None:
    ttp2 = PROTOCOL.endpoint("TTP2")
    assert (ttp2.start, ttp2.events) == (Milestone.FIRST_PROGRESSION, (Milestone.SECOND_PROGRESSION,))
    assert ttp2.censors == ("last_tumour_assessment", "treatment_discontinuation", "first_progression")
    overall = PROTOCOL.endpoint("OS")
    assert (overall.start, overall.events, overall.censors) == ("enrolment", ("death",), ("last_contact",))
    assert PROTOCOL.analysis_set(ttp2.analysis_set).label == "Treatment 2 set"
    assert PROTOCOL.period("T1").end is Milestone.FIRST_PROGRESSION


def test_an_unknown_endpoint_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        PROTOCOL.endpoint("PFS")


def test_settings_of_response_tables_and_intervals() -> None:
    assert (PROTOCOL.response.sd_min_days, PROTOCOL.response.pd_min_abs_mm) == (42, 0)
    assert PROTOCOL.adverse_events.related == (Causality.POSSIBLE, Causality.PROBABLE, Causality.DEFINITE)
    assert PROTOCOL.adverse_event_table.always_show == ("Death NOS",)
    assert PROTOCOL.statistics.band is BandTransform.LOG_LOG


def test_an_amendment_names_the_version_it_supersedes() -> None:
    amended = parse_protocol(TEXT.replace('version = "1.0"', 'version = "2.0"\nsupersedes = "1.0"'))
    assert (amended.version, amended.supersedes) == ("2.0", "1.0")
    assert isinstance(amended, Protocol)


@pytest.mark.parametrize("known", [(), ("0.9",), ("2.0",)])
def test_a_version_amends_one_that_is_there(known: tuple[str, ...]) -> None:
    text = TEXT.replace('version = "1.0"', 'version = "2.0"\nsupersedes = "1.0"')
    with pytest.raises(ProtocolError, match="line 8, supersedes: there is no version"):
        check_superseded(text, known)
    check_superseded(text, (*known, "1.0"))
    check_superseded(TEXT, known)


OPERATORS = """
    value | >= | <= | >  | <
    8.4   | no | yes| no | yes
    8.50  | yes| yes| no | no
    8.6   | yes| no | yes| no
"""


@pytest.mark.parametrize("row", OPERATORS.splitlines()[2:-1])
def test_operators_at_the_limit_8_5(row: str) -> None:
    value, *answers = (cell.strip() for cell in row.split("|"))
    for operator, answer in zip(Operator, answers, strict=True):
        assert operator.holds(Decimal(value), Decimal("8.5")) is (answer == "yes")


def test_every_item_has_a_kind_of_answer_and_a_label() -> None:
    assert DataItem.GI_HEMORRHAGE_DATE.item_type is ItemType.DATE
    assert DataItem.IMAGING_MODALITY.item_type is ItemType.CHOICE
    assert DataItem.HIV.item_type is ItemType.FLAG
    assert DataItem.BRAIN_TUMOR.label == "brain tumor"
