// What becomes of an edit, as a table. Rows read `nick note score state`: a unique name, a plain text, a number of which the
// larger stays, a state that goes new → open → done. `-` is empty, `!` behind a value pins it, `none` never was, `gone` was
// deleted. Somebody else, `bob - - -`, is always there, and newer than what the laptop says: its edit is two days old, the phone's
// is of this minute.
//
//   base      what the source saw last
//   ours      what stands here when its edit arrives
//   theirs    what it says the row is
//   answer    what a device is told; `-` for remotes, whose runs end well
//   stands    the row then
//   waits     the conflict that is open: its kind, of which edit, and the columns in dispute; `-` none
//   settle    how a person settles it; `any` is each of the five ways, which all find nothing to settle
//   ends      the row after that; `refused` where that way is not open and everything stays
//   history   what the history has of it: op, value, rule
//
// Whatever changed something is undone at the end, and everything is as it was before.

const INSERT = `
from         | base           | ours           | theirs         | answer   | stands         | waits                | settle            | ends           | history
phone laptop | none           | none           | ann hi 3 new   | applied  | ann hi 3 new   | -                    | any               |                | insert note=hi threeWay
sheet erp    | none           | none           | ann hi 3 new   | -        | ann hi 3 new   | -                    | any               |                | insert note=hi threeWay
phone laptop | none           | none           | - hi 3 new     | applied  | - hi 3 new     | -                    | any               |                | insert note=hi threeWay
sheet erp    | none           | none           | - hi 3 new     | -        | - hi 3 new     | -                    | any               |                | insert note=hi threeWay
phone laptop | none           | ann - 1 new    | ann hi 3 new   | applied  | ann hi 3 new   | -                    | any               |                | update note=hi threeWay
sheet erp    | none           | ann - 1 new    | ann hi 3 new   | -        | ann hi 3 new   | -                    | any               |                | update note=hi threeWay
phone laptop | none           | gone           | ann hi 3 new   | applied  | ann hi 3 new   | -                    | any               |                | update note=hi threeWay
`

const UPDATE = `
from         | base           | ours           | theirs         | answer   | stands         | waits                | settle            | ends           | history
phone laptop | ann hi 3 new   | ann hi 3 new   | ann yo 3 new   | applied  | ann yo 3 new   | -                    | any               |                | update note=yo threeWay
phone laptop | ann hi 3 new   | eve hi 3 new   | ann yo 3 new   | applied  | eve yo 3 new   | -                    | any               |                | update note=yo threeWay
phone laptop | ann hi 3 new   | ann yo 3 new   | ann yo 3 new   | applied  | ann yo 3 new   | -                    | any               |                | update note=yo threeWay
phone laptop | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | conflict | ann ho 3 new   | merge update note    | rename_local mix  | refused        | refuse note=yo conflict
phone laptop | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | conflict | ann ho 3 new   | merge update note    | keep_local        | ann yo 3 new   | update note=yo keep_local
phone laptop | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | conflict | ann ho 3 new   | merge update note    | keep_remote       | ann ho 3 new   | refuse note=yo conflict
phone laptop | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | conflict | ann ho 3 new   | merge update note    | merge mix         | ann mix 3 new  | update note=mix merge
phone        | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | conflict | ann ho 3 new   | merge update note    | auto              | refused        | refuse note=yo conflict
laptop       | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | conflict | ann ho 3 new   | merge update note    | auto              | ann ho 3 new   | refuse note=yo conflict
phone laptop | ann hi 3 new   | gone           | ann yo 3 new   | conflict | gone           | deleted update -     | rename_local mix  | refused        | refuse note=yo conflict
phone laptop | ann hi 3 new   | gone           | ann yo 3 new   | conflict | gone           | deleted update -     | keep_local        | ann yo 3 new   | update note=yo keep_local
phone laptop | ann hi 3 new   | gone           | ann yo 3 new   | conflict | gone           | deleted update -     | keep_remote       | gone           | refuse note=yo conflict
phone laptop | ann hi 3 new   | gone           | ann yo 3 new   | conflict | gone           | deleted update -     | merge mix         | ann mix 3 new  | update note=mix merge
phone laptop | ann hi 3 new   | gone           | ann yo 3 new   | conflict | gone           | deleted update -     | auto              | ann yo 3 new   | update note=yo keep_local
sheet erp    | ann - 3 new    | ann - 3 new    | ann yo 3 new   | -        | ann yo 3 new   | -                    | any               |                | update note=yo threeWay
sheet erp    | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | -        | ann ho 3 new   | merge - note         | rename_local mix  | refused        | -
sheet erp    | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | -        | ann ho 3 new   | merge - note         | keep_local        | ann yo 3 new   | update note=yo keep_local
sheet erp    | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | -        | ann ho 3 new   | merge - note         | keep_remote       | ann ho 3 new   | -
sheet erp    | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | -        | ann ho 3 new   | merge - note         | merge mix         | ann mix 3 new  | update note=mix merge
sheet erp    | ann hi 3 new   | ann ho 3 new   | ann yo 3 new   | -        | ann ho 3 new   | merge - note         | auto              | refused        | -
`

const DELETE = `
from         | base           | ours           | theirs         | answer   | stands         | waits                | settle            | ends           | history
phone laptop | ann hi 3 new   | ann hi 3 new   | gone           | applied  | gone           | -                    | any               |                | delete deleted_at deleted
phone laptop | ann hi 3 new   | gone           | gone           | applied  | gone           | -                    | any               |                | delete deleted_at deleted
phone laptop | ann hi 3 new   | ann yo 3 new   | gone           | conflict | ann yo 3 new   | delete delete -      | rename_local kim  | refused        | refuse deleted_at conflict
phone laptop | ann hi 3 new   | ann yo 3 new   | gone           | conflict | ann yo 3 new   | delete delete -      | keep_local        | gone           | delete deleted_at keep_local
phone laptop | ann hi 3 new   | ann yo 3 new   | gone           | conflict | ann yo 3 new   | delete delete -      | keep_remote       | ann yo 3 new   | refuse deleted_at conflict
phone laptop | ann hi 3 new   | ann yo 3 new   | gone           | conflict | ann yo 3 new   | delete delete -      | merge note=mix    | ann mix 3 new  | update note=mix merge
phone        | ann hi 3 new   | ann yo 3 new   | gone           | conflict | ann yo 3 new   | delete delete -      | auto              | refused        | refuse deleted_at conflict
laptop       | ann hi 3 new   | ann yo 3 new   | gone           | conflict | ann yo 3 new   | delete delete -      | auto              | ann yo 3 new   | refuse deleted_at conflict
sheet erp    | ann hi 3 new   | ann hi 3 new   | gone           | -        | gone           | -                    | any               |                | delete deleted_at absent
sheet erp    | ann hi 3 new   | gone           | gone           | -        | gone           | -                    | any               |                | delete deleted_at deleted
`

const UNIQUE = `
from         | base           | ours           | theirs         | answer   | stands         | waits                | settle            | ends           | history
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | rename_local kim  | kim hi 3 new   | insert nick=kim rename_local
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | rename_local      | refused        | refuse nick=BOB conflict
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | rename_local bob  | refused        | refuse nick=BOB conflict
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | keep_local        | refused        | refuse nick=BOB conflict
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | keep_local kim    | kim hi 3 new   | insert nick=kim keep_local
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | keep_remote       | gone           | insert deleted_at keep_remote
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | merge kim         | kim hi 3 new   | insert nick=kim merge
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | merge note=mix    | refused        | refuse note=hi conflict
phone        | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | auto              | BOB_**** hi 3 new | insert note=hi rename_local
laptop       | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | auto              | gone           | insert deleted_at keep_remote
phone laptop | none           | none           | BOB hi 3 new   | conflict | none           | unique insert nick   | auto, bob left    | BOB hi 3 new   | insert nick=BOB keep_local
phone laptop | none           | gone           | BOB hi 3 new   | conflict | gone           | unique insert nick   | rename_local kim  | kim hi 3 new   | update nick=kim rename_local
phone laptop | none           | gone           | BOB hi 3 new   | conflict | gone           | unique insert nick   | keep_remote       | gone           | refuse nick=BOB conflict
phone laptop | ann hi 3 new   | ann hi 3 new   | bob yo 3 new   | conflict | ann yo 3 new   | unique update nick   | rename_local kim  | kim yo 3 new   | update nick=kim rename_local
phone laptop | ann hi 3 new   | ann hi 3 new   | bob yo 3 new   | conflict | ann yo 3 new   | unique update nick   | keep_local        | refused        | refuse nick=bob conflict
phone laptop | ann hi 3 new   | ann hi 3 new   | bob yo 3 new   | conflict | ann yo 3 new   | unique update nick   | keep_local kim    | kim yo 3 new   | update nick=kim keep_local
phone laptop | ann hi 3 new   | ann hi 3 new   | bob yo 3 new   | conflict | ann yo 3 new   | unique update nick   | keep_remote       | ann yo 3 new   | refuse nick=bob conflict
phone laptop | ann hi 3 new   | ann hi 3 new   | bob yo 3 new   | conflict | ann yo 3 new   | unique update nick   | merge kim         | kim yo 3 new   | update nick=kim merge
phone        | ann hi 3 new   | ann hi 3 new   | bob yo 3 new   | conflict | ann yo 3 new   | unique update nick   | auto              | bob_**** yo 3 new | update note=yo threeWay
laptop       | ann hi 3 new   | ann hi 3 new   | bob yo 3 new   | conflict | ann yo 3 new   | unique update nick   | auto              | ann yo 3 new   | refuse nick=bob conflict
phone laptop | ann hi 3 new   | ann hi 3 new   | bob yo 3 new   | conflict | ann yo 3 new   | unique update nick   | auto, bob left    | bob yo 3 new   | update nick=bob keep_local
sheet erp    | none           | none           | BOB hi 3 new   | -        | none           | unique insert nick   | rename_local kim  | kim hi 3 new   | insert nick=kim rename_local
sheet erp    | none           | none           | BOB hi 3 new   | -        | none           | unique insert nick   | rename_local      | refused        | -
sheet erp    | none           | none           | BOB hi 3 new   | -        | none           | unique insert nick   | keep_local        | refused        | -
sheet erp    | none           | none           | BOB hi 3 new   | -        | none           | unique insert nick   | keep_local kim    | kim hi 3 new   | insert nick=kim keep_local
sheet erp    | none           | none           | BOB hi 3 new   | -        | none           | unique insert nick   | keep_remote       | gone           | insert deleted_at keep_remote
sheet erp    | none           | none           | BOB hi 3 new   | -        | none           | unique insert nick   | merge kim         | kim hi 3 new   | insert nick=kim merge
sheet erp    | none           | none           | BOB hi 3 new   | -        | none           | unique insert nick   | auto              | refused        | -
sheet erp    | - - 3 new      | - - 3 new      | bob yo 5 new   | -        | - yo 5 new     | unique update nick   | rename_local kim  | kim yo 5 new   | update nick=kim rename_local
sheet erp    | - - 3 new      | - - 3 new      | bob yo 5 new   | -        | - yo 5 new     | unique update nick   | keep_local        | refused        | update note=yo threeWay
sheet erp    | - - 3 new      | - - 3 new      | bob yo 5 new   | -        | - yo 5 new     | unique update nick   | keep_local kim    | kim yo 5 new   | update nick=kim keep_local
sheet erp    | - - 3 new      | - - 3 new      | bob yo 5 new   | -        | - yo 5 new     | unique update nick   | keep_remote       | - yo 5 new     | update note=yo threeWay
sheet erp    | - - 3 new      | - - 3 new      | bob yo 5 new   | -        | - yo 5 new     | unique update nick   | merge kim         | kim yo 5 new   | update nick=kim merge
sheet erp    | - - 3 new      | - - 3 new      | bob yo 5 new   | -        | - yo 5 new     | unique update nick   | auto              | refused        | update note=yo threeWay
`

const MAX = `
from         | base           | ours           | theirs         | answer   | stands         | waits                | settle            | ends           | history
phone laptop | ann hi 3 new   | ann hi 3 new   | ann hi 5 new   | applied  | ann hi 5 new   | -                    | any               |                | update score=5 max
phone laptop | ann hi 3 new   | ann hi 9 new   | ann hi 5 new   | merged   | ann hi 9 new   | -                    | any               |                | refuse score=5 max
phone laptop | ann hi 3 new   | ann hi 3 new   | ann hi 1 new   | merged   | ann hi 3 new   | -                    | any               |                | refuse score=1 max
sheet erp    | ann hi 3 new   | ann hi 3 new   | ann hi 5 new   | -        | ann hi 5 new   | -                    | any               |                | update score=5 max
sheet erp    | ann hi 3 new   | ann hi 9 new   | ann hi 5 new   | -        | ann hi 9 new   | -                    | any               |                | refuse score=5 max
`

const STATE = `
from         | base           | ours           | theirs         | answer   | stands         | waits                | settle            | ends           | history
phone laptop | ann hi 3 new   | ann hi 3 new   | ann hi 3 done  | applied  | ann hi 3 done  | -                    | any               |                | update state=done stateMachine
phone laptop | ann hi 3 new   | ann hi 3 done  | ann hi 3 open  | merged   | ann hi 3 done  | -                    | any               |                | refuse state=open stateMachine
sheet erp    | ann hi 3 new   | ann hi 3 new   | ann hi 3 done  | -        | ann hi 3 done  | -                    | any               |                | update state=done stateMachine
sheet erp    | ann hi 3 new   | ann hi 3 done  | ann hi 3 open  | -        | ann hi 3 done  | -                    | any               |                | refuse state=open stateMachine
phone        | ann hi 3 new   | ann hi 3 open  | ann hi 3 lost  | conflict | ann hi 3 open  | merge update state   | keep_local        | ann hi 3 lost  | update state=lost keep_local
phone        | ann hi 3 new   | ann hi 3 open  | ann hi 3 lost  | conflict | ann hi 3 open  | merge update state   | merge done        | ann hi 3 done  | update state=done merge
`

const PIN = `
from         | base           | ours           | theirs         | answer   | stands         | waits                | settle            | ends           | history
phone laptop | ann hi 3 new   | ann hi! 3 new  | ann yo 3 new   | merged   | ann hi 3 new   | -                    | any               |                | refuse note=yo pin
phone laptop | ann hi 3 new   | ann! hi 3 new  | eve hi 3 new   | merged   | ann hi 3 new   | -                    | any               |                | refuse nick=eve pin
phone laptop | ann hi 3 new   | ann! hi 3 new  | bob yo 3 new   | merged   | ann yo 3 new   | -                    | any               |                | refuse nick=bob pin
phone laptop | ann hi 3 new   | ann hi 3! new  | ann yo 9 new   | merged   | ann yo 3 new   | -                    | any               |                | refuse score=9 pin
sheet erp    | ann hi 3 new   | ann hi! 3 new  | ann yo 3 new   | -        | ann hi 3 new   | -                    | any               |                | refuse note=yo pin
sheet erp    | ann hi 3 new   | ann! hi 3 new  | bob hi 9 new   | -        | ann hi 9 new   | -                    | any               |                | refuse nick=bob pin
`

/** One case: a line of the tables, for one source and one way to settle. */
export interface GoldenCase {
  readonly kind: string
  readonly from: string
  readonly base: string
  readonly ours: string
  readonly theirs: string
  readonly answer: string
  readonly stands: string
  readonly waits: string
  readonly settle: string
  readonly ends: string
  readonly history: string
}

/** The ways to settle that `any` stands for. */
const ANY = ['rename_local kim', 'keep_local', 'keep_remote', 'merge kim', 'auto']

function casesOf(kind: string, table: string): GoldenCase[] {
  const [head = [], ...lines] = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
  return lines.flatMap((cells) => {
    const line = Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ''])) as unknown as GoldenCase
    const ways = line.settle === 'any' ? ANY : [line.settle]
    return line.from.split(' ').flatMap((from) =>
      ways.map((settle) => ({
        ...line,
        kind,
        from,
        settle,
        ends: line.settle === 'any' ? 'nothing to settle' : line.ends,
      })),
    )
  })
}

export const GOLDEN: readonly GoldenCase[] = Object.entries({
  insert: INSERT,
  update: UPDATE,
  delete: DELETE,
  unique: UNIQUE,
  max: MAX,
  state: STATE,
  pin: PIN,
}).flatMap(([kind, table]) => casesOf(kind, table))
