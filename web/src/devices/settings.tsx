import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import { announce } from '../data/announce.ts'
import { getCollections, getConfig, isConfigPath, putConfig, type SyncConfig } from '../data/devices.ts'
import { refresh, useRead } from '../data/reads.ts'
import { capital } from '../format.ts'
import { plain } from '../inbox/words.ts'
import { Facts } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { POLICIES } from './setting-words.ts'

/** How devices sync: what an operator may change while everything runs. */
export function Settings() {
  const held = useRead(getConfig)
  return (
    <Shown held={held} skeleton={<Lines n={8} />}>
      {(config) => <Form key={JSON.stringify(config)} config={config} />}
    </Shown>
  )
}

function Form({ config }: { config: SyncConfig }) {
  const collections = useRead(getCollections).value
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)

  async function save(event: SubmitEvent & { currentTarget: HTMLFormElement }) {
    event.preventDefault()
    const change = changeOf(new FormData(event.currentTarget), collections !== undefined)
    setBusy(true)
    const answer = await putConfig(change)
    setBusy(false)
    setProblem(answer.ok ? null : answer.problem)
    if (!answer.ok) return
    announce('The settings are saved; devices follow them at their next sync')
    refresh(isConfigPath)
  }

  const isOn = (name: string) => config.collectionsToSync === null || config.collectionsToSync.includes(name)
  return (
    <form class="panel settings" onSubmit={save}>
      <label class="check">
        <input type="checkbox" name="autoSyncEnabled" defaultChecked={config.autoSyncEnabled} />
        <span>Devices sync by themselves</span>
      </label>
      <label class="field">
        <span class="field-name">Sync at least every … minutes</span>
        <input
          type="number"
          name="syncIntervalMinutes"
          min={1}
          max={1440}
          defaultValue={config.syncIntervalMinutes === null ? '' : String(config.syncIntervalMinutes)}
        />
        <small>Empty: only when there is a reason</small>
      </label>
      <label class="field">
        <span class="field-name">When two change the same field</span>
        <select name="conflictResolutionStrategy" defaultValue={config.conflictResolutionStrategy}>
          {Object.entries(POLICIES).map(([name, text]) => (
            <option key={name} value={name} selected={name === config.conflictResolutionStrategy}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <div class="settings-pair">
        <label class="field">
          <span class="field-name">Tries</span>
          <input
            type="number"
            name="maxRetries"
            min={0}
            max={20}
            required
            defaultValue={String(config.maxRetries)}
          />
          <small>Of a sync that fails</small>
        </label>
        <label class="field">
          <span class="field-name">Edits at once</span>
          <input
            type="number"
            name="batchSize"
            min={1}
            max={1000}
            required
            defaultValue={String(config.batchSize)}
          />
          <small>In one push</small>
        </label>
      </div>
      {collections && (
        <fieldset class="settings-collections">
          <legend>Collections that are synced</legend>
          {collections.map(({ name, label }) => (
            <label key={name} class="check">
              <input type="checkbox" name="collection" value={name} defaultChecked={isOn(name)} />
              <span>{label || capital(plain(name))}</span>
            </label>
          ))}
        </fieldset>
      )}
      {problem && (
        <div role="alert" class="dialog-problem">
          <Facts problem={problem} />
        </div>
      )}
      <div class="dialog-actions">
        <button type="submit" class="button is-primary" disabled={isBusy}>
          {isBusy ? 'Saving…' : 'Save'}
        </button>
      </div>
    </form>
  )
}

/** All that the form says; the collections only where they were shown. */
function changeOf(form: FormData, withCollections: boolean): Partial<SyncConfig> {
  const minutes = String(form.get('syncIntervalMinutes') ?? '')
  return {
    autoSyncEnabled: form.has('autoSyncEnabled'),
    syncIntervalMinutes: minutes === '' ? null : Number(minutes),
    conflictResolutionStrategy: String(
      form.get('conflictResolutionStrategy'),
    ) as SyncConfig['conflictResolutionStrategy'],
    maxRetries: Number(form.get('maxRetries')),
    batchSize: Number(form.get('batchSize')),
    ...(withCollections && { collectionsToSync: form.getAll('collection').map(String) }),
  }
}
