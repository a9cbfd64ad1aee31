"""Hand orders to the primary, amend and withdraw them there; decide about holds and rivals."""
