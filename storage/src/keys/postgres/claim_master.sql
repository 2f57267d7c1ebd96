SELECT claim_master($1)
