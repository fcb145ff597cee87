# Everything that CI runs is in .ci/run. These are the long measurements, whose results are in docs/.
.PHONY: accuracy calm tries tries-all

# The accuracy of the diagnosis: every embedded scenario with 20 seeds and three magnitudes, and 20 made-up ones of every kind. An hour
# of two cores.
accuracy:
	go run ./cmd/ddbloop drill --all --until decision --seeds 19 --magnitude all --summary docs/accuracy-embedded.md >/dev/null || test $$? -eq 1
	go run ./cmd/ddbloop drill --random 20 --random-from 100 --until decision --summary docs/accuracy-made-up.md --calibration docs/calibration.svg >/dev/null || test $$? -eq 1

# A thousand simulated hours in which nothing is wrong: not one false alarm.
calm:
	go run ./cmd/ddbloop drill --kind calm --random 1000 --until decision >/dev/null

# Every change that the truth of an embedded scenario names, made in place of the runbook's, and what became of it: a cure must be
# judged to work or help, what is futile refused or judged to do neither, what is harmful refused or found out and taken back.
tries:
	go run ./cmd/ddbloop drill --all --try all

# The same with 20 seeds and three magnitudes, into a table. An hour and a half of two cores; SEEDS=6 for less.
SEEDS ?= 19
tries-all:
	go run ./cmd/ddbloop drill --all --try all --seeds $(SEEDS) --magnitude all --summary docs/tries.md >/dev/null || test $$? -eq 1
