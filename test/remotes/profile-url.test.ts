import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { platformOf, profileUrlKey } from '../../sync/remotes/profile-url.ts'

describe('The key of a profile URL', () => {
  test.each([
    ['https://www.instagram.com/Alice/?igsh=abc#top', 'https://instagram.com/alice'],
    ['instagram.com/alice', 'https://instagram.com/alice'],
    ['HTTP://M.Instagram.com//alice//', 'https://instagram.com/alice'],
    ['https://www.tiktok.com/@Alice?lang=en', 'https://tiktok.com/@alice'],
    ['https://twitter.com/Alice', 'https://x.com/alice'],
    ['https://mobile.twitter.com/Alice', 'https://x.com/alice'],
    ['https://www.youtube.com/@Alice/videos', 'https://youtube.com/@alice'],
    ['https://m.youtube.com/channel/UCaBc_D-1/about', 'https://youtube.com/channel/UCaBc_D-1'],
    ['https://youtube.com/c/SomeName', 'https://youtube.com/c/somename'],
    ['https://www.youtube.com/watch?v=AbC&t=10s', 'https://youtube.com/watch?v=AbC'],
    ['https://facebook.com/profile.php?id=77&ref=x', 'https://facebook.com/profile.php?id=77'],
    ['https://youtube.com/@%C3%89milie', 'https://youtube.com/@émilie'],
    ['https://youtube.com/@E\u0301milie', 'https://youtube.com/@émilie'],
    ['https://forum.example.org/member?u=2&utm_source=mail', 'https://forum.example.org/member?u=2'],
    ['https://example.org:8443/A', 'https://example.org:8443/A'],
    ['example.org:8443/A', 'https://example.org:8443/A'],
    ['//vk.com/Alice', 'https://vk.com/alice'],
  ])('%s is %s', (text, key) => {
    expect(profileUrlKey(text)).toBe(key)
  })

  test.each([
    '',
    'alice',
    '@alice',
    'n/a',
    '1200',
    '1.2',
    'alice@example.org',
    'https://user:secret@example.org/a',
    'javascript:alert(1)',
    'mailto:a@example.org',
    'two words.org',
    'https://',
    'http://[::1]/x',
  ])('%s is no profile URL', (text) => {
    expect(profileUrlKey(text)).toBeNull()
  })

  test('of a key is the key itself', () => {
    const host = fc.constantFrom(
      'youtube.com',
      'WWW.Instagram.com',
      'm.tiktok.com',
      'x.com',
      'example.org',
      'm.www.example.org',
    )
    const segment = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('@Älice', 'channel', '%2F', '%25', '..', 'İ'),
    )
    const url = fc
      .tuple(host, fc.array(segment, { maxLength: 3 }), fc.webQueryParameters())
      .map(([at, path, query]) => `https://${at}/${path.join('/')}?${query}`)
    fc.assert(
      fc.property(fc.oneof(url, fc.string()), (text) => {
        const key = profileUrlKey(text)
        if (key !== null) expect(profileUrlKey(key)).toBe(key)
      }),
      { numRuns: 2_000 },
    )
  })

  test('does not depend on how the address is dressed', () => {
    const dress = fc.tuple(
      fc.constantFrom('https://', 'http://', 'HTTPS://', ''),
      fc.constantFrom('', 'www.', 'm.'),
      fc.constantFrom('', '/', '//'),
      fc.constantFrom('', '?si=1', '?utm_source=a&ref=b', '#x'),
    )
    fc.assert(
      fc.property(dress, fc.stringMatching(/^[a-z0-9_]{1,12}$/), ([scheme, sub, slash, tail], name) => {
        expect(profileUrlKey(`${scheme}${sub}instagram.com/${name}${slash}${tail}`)).toBe(
          `https://instagram.com/${name}`,
        )
      }),
    )
  })
})

test.each([
  ['https://m.youtube.com/@a', 'youtube'],
  ['twitter.com/a', 'x'],
  ['https://www.instagram.com/a', 'instagram'],
  ['https://www.tiktok.com/@a', 'tiktok'],
  ['https://fb.com/a', 'facebook'],
  ['https://notyoutube.com/@a', 'other'],
  ['nonsense', 'other'],
])('%s lives on %s', (text, platform) => {
  expect(platformOf(text)).toBe(platform)
})
