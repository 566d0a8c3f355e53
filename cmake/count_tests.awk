# Counts the results in the file that ctest writes with --output-junit: prints "PASSED FAILED SKIPPED".
#
# With deep=1, a test that holds many cases and says how many of them passed counts as that many: doctest's summary,
# or a line "N passed, N failed" of its own.  Everything else counts as one.  A test that failed though none of its
# cases did (it crashed, or ran into its time limit) counts as one failed.  A test whose program is missing failed.
/^\t<testcase / {
  status = $0
  sub(/.* status="/, "", status)
  sub(/".*/, "", status)
  cases_passed = cases_failed = wanted_skip = 0
}
/^\t\t<skipped message="SKIP_/ { wanted_skip = 1 }
/^\[doctest\] test cases:/ {
  for (i = 1; i < NF; i++) {
    if ($(i + 1) == "passed") cases_passed += $i
    if ($(i + 1) == "failed") cases_failed += $i
  }
}
/^[0-9]+ passed, [0-9]+ failed$/ {
  cases_passed += $1
  cases_failed += $3
}
/^\t<\/testcase>/ {
  if (!deep) cases_passed = cases_failed = 0
  if (status == "run") {
    passed += cases_passed ? cases_passed : 1
  } else if (wanted_skip) {
    skipped++
  } else {
    passed += cases_passed
    failed += cases_failed ? cases_failed : 1
  }
}
END { print passed + 0, failed + 0, skipped + 0 }
