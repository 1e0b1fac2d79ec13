/**
 * The columns of a data point in Workers Analytics Engine, which numbers them: the first blob is
 * `blob1`, the first double `double1`. Stored points keep their numbers, so a new column goes to the
 * end, and none is removed.
 */
export const blobs = ['type', 'site', 'kind', 'reason', 'connection', 'status'] as const
/** Times in milliseconds; `gate` is the total without the origin. */
export const doubles = [
  'total',
  'gate',
  'kv',
  'd1',
  'token',
  'origin',
  'kvReads',
  'd1Reads',
] as const

export type Point = Readonly<Record<(typeof blobs)[number], string>> &
  Readonly<Record<(typeof doubles)[number], number>>

/** What a point does not say. */
export const blank: Point = {
  type: '',
  site: '',
  kind: '',
  reason: '',
  connection: '',
  status: '',
  total: 0,
  gate: 0,
  kv: 0,
  d1: 0,
  token: 0,
  origin: 0,
  kvReads: 0,
  d1Reads: 0,
}
