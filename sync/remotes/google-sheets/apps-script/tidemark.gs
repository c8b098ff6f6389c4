/**
 * Instant sync for this spreadsheet: when somebody changes something, Tidemark is told that it changed, and looks. Only the
 * spreadsheet's id is sent, signed; nothing of what stands in it.
 *
 * Setting it up, once:
 * 1. Extensions > Apps Script: put this text in place of what is there, and save.
 * 2. Project Settings > Script Properties: add TIDEMARK_SECRET with the secret that Tidemark showed beside this text.
 * 3. Choose the function "connect" and press Run. Google asks whether the script may do this: it may.
 * To switch it off, run "disconnect".
 */
const ADDRESS = '{{address}}'

/** What somebody changes within this time, in milliseconds, is told once. */
const TOGETHER = 2000

/** Sets the triggers that call "changed", and tries it. Throws, in words, where it does not work. */
function connect() {
  disconnect()
  const sheet = SpreadsheetApp.getActive()
  const failure = tell_()
  if (failure) throw new Error('Tidemark could not be told: ' + failure)
  ScriptApp.newTrigger('changed').forSpreadsheet(sheet).onEdit().create()
  ScriptApp.newTrigger('changed').forSpreadsheet(sheet).onChange().create()
}

/** Removes the triggers. */
function disconnect() {
  for (const trigger of ScriptApp.getProjectTriggers())
    if (trigger.getHandlerFunction() === 'changed') ScriptApp.deleteTrigger(trigger)
}

/**
 * Somebody changed something. The first of a burst waits for the others and tells for all of them; who comes after that is a first
 * again, so no change goes untold. Whoever types hears of no failure: Tidemark also looks by itself, every few minutes.
 */
function changed() {
  try {
    if (!isFirst_()) return
    Utilities.sleep(TOGETHER)
    CacheService.getScriptCache().remove('telling')
    const failure = tell_()
    if (failure) console.warn('Tidemark could not be told: ' + failure)
  } catch (error) {
    console.warn('Tidemark could not be told: ' + error)
  }
}

/** Whether nobody else is about to tell. One who was, and broke off, is forgotten after ten seconds. */
function isFirst_() {
  const lock = LockService.getScriptLock()
  const held = lock.tryLock(5000)
  try {
    const cache = CacheService.getScriptCache()
    if (cache.get('telling')) return false
    cache.put('telling', '1', 10)
    return true
  } finally {
    if (held) lock.releaseLock()
  }
}

/** Tells Tidemark, signed as https://www.standardwebhooks.com says. Answers why it could not, in words, or nothing. */
function tell_() {
  const secret = PropertiesService.getScriptProperties().getProperty('TIDEMARK_SECRET')
  if (!secret) return 'the script property TIDEMARK_SECRET is missing'
  const body = JSON.stringify({ spreadsheet_id: SpreadsheetApp.getActive().getId() })
  const id = 'msg_' + Utilities.getUuid()
  const time = String(Math.floor(Date.now() / 1000))
  const key = Utilities.base64Decode(secret.trim().replace(/^whsec_/, ''))
  const text = Utilities.newBlob(id + '.' + time + '.' + body).getBytes()
  const signature = Utilities.base64Encode(Utilities.computeHmacSha256Signature(text, key))
  const answer = UrlFetchApp.fetch(ADDRESS, {
    method: 'post',
    contentType: 'application/json',
    payload: body,
    headers: { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': 'v1,' + signature },
    muteHttpExceptions: true,
  })
  const code = answer.getResponseCode()
  return code < 300 ? '' : code + ' ' + answer.getContentText().slice(0, 300)
}
