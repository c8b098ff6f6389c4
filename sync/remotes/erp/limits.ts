// What the ERP may ask of us, and what we ask of it. All are judged from its pages as they are today; none was promised.

const SECOND = 1_000

/** One HTTP call, its body included. A page takes 3-5 s; four times that is an ERP that hangs. Milliseconds. */
export const CALL_TIMEOUT = 20 * SECOND
/** Making an order: the ERP prices each line and prints */
export const CREATE_TIMEOUT = 45 * SECOND
/** Longest that a place is held: a call, a login, and the call again after it, at their usual pace. A dead holder keeps others up so long. */
export const LEASE = 30 * SECOND
/** The same for an order's creation, which holds the gate alone */
export const CREATE_LEASE = 60 * SECOND
/** We let go so long before the lease ends: clocks differ, and a call that was given up still has to reach the ERP's ears */
export const LEASE_MARGIN = SECOND
/** Longest wait for a place: an order's creation and some pages of others. Then the run steps aside and asks again. */
export const PATIENCE = 90 * SECOND
/** When to ask again after that */
export const COME_BACK = 5 * SECOND

/** Calls inside one place: with the stored cookie, with one that somebody else got meanwhile, with our own new one */
export const MOST_TRIES = 3
/** `Retry-After` where a 429 has none, and the longest that is believed: nobody closes the gate for a day by a typing error */
export const USUAL_WAIT = 5 * SECOND
export const LONGEST_WAIT = 15 * 60 * SECOND

/** Bytes of an answer: a page is 20-100 KB; one text of 1 MB in it, escaped, must not stop the page */
export const LONGEST_ANSWER = 8_000_000
/** Rows of a page: pages have 20 or 25. A table that goes on beyond has no end. */
export const MOST_ROWS = 1_000
/** Columns of a table, headers included that nobody declared */
export const MOST_CELLS = 200
/** Characters of a text; longer ones are rejected with their row, for a page's JSON must fit a parameter of D1 */
export const LONGEST_TEXT = 50_000
/** Characters of an order's lines or delivery documents, for the same reason: twenty orders are a page */
export const LONGEST_DETAIL = 200_000
/** Characters of a rejected row that a person is shown */
export const LONGEST_RAW = 1_000
/** Characters of what an answer said, in a reason */
export const LONGEST_QUOTE = 60
/** Units of money: up to 7·10^13 a JSON number still tells every cent */
export const MOST_MONEY = 10 ** 13
/** Orders whose details could not be had because the ERP is away, one after the other: the rest is not asked */
export const AWAY_IN_A_ROW = 3
/** Bytes of a picture */
export const LONGEST_IMAGE = 5_000_000
