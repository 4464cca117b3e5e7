/** The id of the list of hits, for whoever goes on from the field to it. */
export const HITS_ID = "search-hits";
