// The units in which spans of time are shown, smallest first. Generated from the Rust table by `make wire`; do not edit.

export const TIME_UNITS = [
  {
    "seconds": 1,
    "one": "s",
    "many": "s",
    "brief": "s",
    "has_rest": false
  },
  {
    "seconds": 60,
    "one": "min",
    "many": "min",
    "brief": "min",
    "has_rest": false
  },
  {
    "seconds": 3600,
    "one": "h",
    "many": "h",
    "brief": "h",
    "has_rest": true
  },
  {
    "seconds": 86400,
    "one": "day",
    "many": "days",
    "brief": "d",
    "has_rest": false
  }
];
