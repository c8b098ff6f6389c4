/**
 * An emulated YouTube Data API v3 (`channels.list`) and a plain JSON endpoint `/stats/:platform/:username`.
 *
 *     const youtube = createYouTube({ google, keys: ['key'] })
 *     youtube.person.setChannel('UC1', { title: 'One', subscriberCount: 12_345 })
 *     await youtube.fetch('https://any.origin/youtube/v3/channels?part=statistics&id=UC1&key=key')
 *
 * Faults, holds, the record of calls and the clock are those of the Google it is made with.
 */
export type { Channels } from './model.ts'
export { createYouTube, type YouTube } from './youtube.ts'
