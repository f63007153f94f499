"""精准画像 (TZ-11, TZ-22): all that the county knows of one household on one page, as far as the post may read it, and its booklet."""
