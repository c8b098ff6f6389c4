import { describe, expect, test } from 'vitest'
import { site } from './site.ts'

// Unique fields, conflicts and what settles them, in the real lane over SQLite.

describe('a unique value', () => {
  test('is held by one row, whatever its case and the blanks around it; the other edit waits, and the rest goes on', async () => {
    const { push, admins, conflicts } = site()
    await push('a', ['insert', '1', { username: 'John' }])
    const results = await push(
      'b',
      ['insert', '2', { username: ' john ', name: 'J' }],
      ['insert', '3', { username: 'mary' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['conflict', 'applied'])
    expect(results[0]).not.toHaveProperty('set')
    expect(admins()).toMatchObject([{ id: '1' }, { id: '3' }])
    expect(conflicts()).toMatchObject([
      { key: '2', kind: 'unique', op: 'insert', col: 'username', holder: '1', resolution: null },
    ])
  })

  test('that an update claims keeps its other columns going', async () => {
    const { push, admins, conflicts } = site()
    await push('a', ['insert', '1', { username: 'john' }], ['insert', '2', { username: 'mary', name: 'M' }])
    const [result] = await push('b', [
      'update',
      '2',
      { username: 'JOHN', name: 'Mary' },
      { username: 'mary', name: 'M' },
    ])
    expect(result).toMatchObject({ status: 'conflict' })
    expect(result?.set).toBeUndefined()
    expect(admins()[1]).toMatchObject({ username: 'mary', name: 'Mary' })
    expect(conflicts()).toMatchObject([{ key: '2', op: 'update', theirs: '{"username":"JOHN"}' }])
  })

  test('waits on: later edits of the row amend it, and the first that is free lets it in', async () => {
    const { push, admins, conflicts } = site()
    await push('a', ['insert', '1', { username: 'john' }])
    await push('b', ['insert', '2', { username: 'john' }])
    await push('b', ['update', '2', { name: 'Jo' }, { name: null }])
    expect(conflicts()).toMatchObject([{ theirs: '{"username":"john","name":"Jo"}' }])
    const [result] = await push('b', ['update', '2', { username: 'jo' }, { username: 'john' }])
    expect(result?.status).toBe('applied')
    expect(admins()[1]).toEqual({ id: '2', username: 'jo', name: 'Jo' })
    expect(conflicts()).toMatchObject([{ resolution: 'amended' }])
  })

  test('is given up by a deletion and by a renaming in the same push', async () => {
    const { push, admins } = site()
    await push('a', ['insert', '1', { username: 'john' }], ['insert', '2', { username: 'mary' }])
    const results = await push(
      'a',
      ['delete', '1'],
      ['update', '2', { username: 'eve' }, { username: 'mary' }],
      ['insert', '3', { username: 'john' }],
      ['insert', '4', { username: 'mary' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied', 'applied'])
    expect(admins().map(({ username }) => username)).toEqual(['eve', 'john', 'mary'])
  })

  test('goes round between rows in one push', async () => {
    const { push, admins } = site()
    await push('a', ['insert', '1', { username: 'x' }], ['insert', '2', { username: 'y' }])
    const results = await push(
      'a',
      ['update', '1', { username: 'z' }, { username: 'x' }],
      ['update', '2', { username: 'x' }, { username: 'y' }],
      ['update', '1', { username: 'y' }, { username: 'z' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied'])
    expect(admins().map(({ username }) => username)).toEqual(['y', 'x'])
  })

  test('of a row that was deleted is free, and so is one that was taken and given up in the same push', async () => {
    const { push, admins } = site()
    await push('a', ['insert', '1', { username: 'john' }])
    await push('a', ['delete', '1', {}, { username: 'john' }])
    const results = await push(
      'b',
      ['insert', '2', { username: 'John' }],
      ['insert', '3', { username: 'mary' }],
      ['update', '3', { username: 'eve' }, { username: 'mary' }],
      ['insert', '4', { username: 'Mary' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied', 'applied'])
    expect(admins().map(({ username }) => username)).toEqual(['John', 'eve', 'Mary'])
  })

  test('that the database alone knows of refuses one edit, and not its push', async () => {
    const { push, admins, world } = site()
    await push('a', ['insert', '1', { username: 'john' }])
    world.file.exec("UPDATE admins SET username_key = 'other'")
    const results = await push(
      'b',
      ['insert', '2', { username: 'b2' }],
      ['insert', '3', { username: 'mary' }],
      ['insert', '4', { username: 'b4' }],
    )
    expect(results.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied'])
    // The row says one thing, its key another: nobody could have seen it coming.
    world.file.exec("UPDATE admins SET username_key = 'x', username = 'y' WHERE id = '3'")
    world.file.exec("CREATE UNIQUE INDEX strict ON admins (name) WHERE name = 'once'")
    const more = await push(
      'b',
      ['insert', '5', { username: 'b5', name: 'once' }],
      ['insert', '6', { username: 'b6', name: 'once' }],
      ['insert', '7', { username: 'b7' }],
    )
    expect(more.map(({ status }) => status)).toEqual(['applied', 'rejected', 'applied'])
    expect(admins().map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5', '7'])
  })
})

describe('a conflict', () => {
  async function disputed() {
    const at = site()
    await at.push('a', ['insert', '1', { username: 'john' }])
    await at.push('b', ['insert', '2', { username: 'john', name: 'B' }])
    const id = String(at.conflicts()[0]?.id)
    return { ...at, id }
  }

  test('is settled by a new name, planned before, and undone again', async () => {
    const { change, admins, conflicts, id, rows } = await disputed()
    const proposal = {
      type: 'resolve',
      conflict: id,
      strategy: 'rename_local',
      newValue: 'jo',
      notes: 'n',
    } as const
    const planned = await change(proposal, { dryRun: true })
    expect(planned).toMatchObject({
      type: 'planned',
      plan: { changes: [{ op: 'insert', key: '2', columns: { username: { before: null, after: 'jo' } } }] },
    })
    expect(admins()).toHaveLength(1)
    if (planned.type !== 'planned') throw new Error(planned.type)
    const applied = await change(proposal, { expect: planned.plan.digest })
    expect(applied).toMatchObject({ type: 'applied', plan: planned.plan })
    expect(admins()[1]).toEqual({ id: '2', username: 'jo', name: 'B' })
    expect(conflicts()).toMatchObject([{ resolution: 'rename_local' }])
    expect(rows("SELECT after FROM history WHERE op = 'resolve'")).toHaveLength(1)
    const undone = await change({ type: 'undo', of: { resolution: id }, pin: false })
    expect(undone).toMatchObject({ type: 'applied', plan: { changes: [{ op: 'delete', key: '2' }] } })
    expect(admins()).toHaveLength(1)
    expect(conflicts()).toMatchObject([{ resolution: null }])
  })

  test('that keeps the remote leaves a tombstone for the device', async () => {
    const { change, admins, id, rows } = await disputed()
    expect((await change({ type: 'resolve', conflict: id, strategy: 'keep_remote', notes: '' })).type).toBe(
      'applied',
    )
    expect(admins()).toHaveLength(1)
    expect(rows("SELECT deleted_at IS NULL AS live FROM admins WHERE id = '2'")).toEqual([{ live: 0 }])
  })

  test('of before conflicts had versions is settled as any other', async () => {
    const { change, conflicts, id, world } = await disputed()
    world.file.exec('UPDATE conflicts SET version = 0')
    await change({ type: 'resolve', conflict: id, strategy: 'keep_remote', notes: '' })
    expect(conflicts()).toMatchObject([{ resolution: 'keep_remote' }])
  })

  test('of a row that was deleted meanwhile brings it back whole', async () => {
    const { push, change, admins, conflicts } = site()
    await push('a', ['insert', '1', { username: 'john', name: 'A' }])
    await push('b', ['delete', '1'])
    await push('a', ['update', '1', { name: 'B' }, { name: 'A' }])
    expect(conflicts()).toMatchObject([{ kind: 'deleted' }])
    const id = String(conflicts()[0]?.id)
    await change({ type: 'resolve', conflict: id, strategy: 'keep_local', notes: '' })
    expect(admins()).toEqual([{ id: '1', username: 'john', name: 'B' }])
  })

  test('that can’t be settled so says what to do, and stays open', async () => {
    const { change, conflicts, id } = await disputed()
    expect(await change({ type: 'resolve', conflict: id, strategy: 'keep_local', notes: '' })).toMatchObject({
      type: 'failed',
      failure: { type: 'conflict', detail: 'username "john" is taken by another row.' },
    })
    expect(conflicts()).toMatchObject([{ resolution: null }])
  })

  test('is not renamed without a name', async () => {
    const { change, id } = await disputed()
    expect(
      await change({ type: 'resolve', conflict: id, strategy: 'rename_local', notes: '' }),
    ).toMatchObject({
      type: 'failed',
      failure: { type: 'bad_request', detail: 'Say the new username.' },
    })
  })

  test('resolves itself while it is young, by a name like it', async () => {
    const { change, admins } = await disputed()
    expect(await change({ type: 'auto', max: 10 })).toMatchObject({ type: 'applied' })
    expect(admins()[1]?.username).toMatch(/^john_[0-9a-z]{4}$/)
  })

  test('resolves itself by a name that fits, where the old one is as long as may be', async () => {
    const { push, change, admins } = site()
    const name = 'x'.repeat(100)
    await push('a', ['insert', '1', { username: name }])
    await push('b', ['insert', '2', { username: name }])
    expect(await change({ type: 'auto', max: 10 })).toMatchObject({ type: 'applied', plan: { skips: [] } })
    expect(admins()[1]?.username).toMatch(/^x{95}_[0-9a-z]{4}$/)
  })

  test('is not applied as planned once the world has moved', async () => {
    const { change, push, admins, id } = await disputed()
    const proposal = {
      type: 'resolve',
      conflict: id,
      strategy: 'rename_local',
      newValue: 'jo',
      notes: '',
    } as const
    const planned = await change(proposal, { dryRun: true })
    await push('b', ['update', '2', { name: 'C' }, { name: 'B' }])
    if (planned.type !== 'planned') throw new Error(planned.type)
    expect((await change(proposal, { expect: planned.plan.digest })).type).toBe('moved')
    expect(admins()).toHaveLength(1)
  })
})

describe('an undo of a push', () => {
  test('returns rows that nobody touched since, and makes conflicts of the others', async () => {
    const { push, change, admins, conflicts, world } = site()
    await push(
      'a',
      ['insert', '1', { username: 'a', name: 'A' }],
      ['insert', '2', { username: 'b', name: 'B' }],
    )
    await push(
      'a',
      ['update', '1', { name: 'X' }, { name: 'A' }],
      ['update', '2', { name: 'Y' }, { name: 'B' }],
      ['insert', '3', { username: 'c' }],
    )
    const version = Number(world.file.prepare('SELECT version FROM lanes').get()?.version)
    await push('b', ['update', '2', { name: 'Z' }, { name: 'Y' }])
    await change({ type: 'undo', of: { version }, pin: false })
    expect(admins()).toEqual([
      { id: '1', username: 'a', name: 'A' },
      { id: '2', username: 'b', name: 'Z' },
    ])
    expect(conflicts()).toMatchObject([{ key: '2', kind: 'undo', theirs: '{"name":"B"}' }])
    await change({ type: 'resolve', conflict: String(conflicts()[0]?.id), strategy: 'keep_local', notes: '' })
    expect(admins()[1]?.name).toBe('B')
  })
})
