import { expect, test } from 'vitest'
import { anchorsOf, lostAnchors } from './promised-anchors.ts'
import { readPage } from './built-pages.ts'

function page(body: string) {
  return readPage(`<article><h1 id="top">T</h1><div class="prose">${body}</div></article>`)
}

test('the anchors of a page are those of its text', () => {
  const site = new Map([
    ['runbooks/a/', page('<h2 id="tag"></h2><h2 id="about-this-page"></h2>')],
    ['runs/x/', page('<p id="y">')],
  ])
  expect(anchorsOf(site)).toEqual({ 'runbooks/a/': ['tag'] })
})

test('an anchor or a page that is gone is named, with what to write', () => {
  expect(
    lostAnchors({ 'runbooks/a/': ['tag', 'old'], 'runbooks/b/': [] }, { 'runbooks/a/': ['tag'] }),
  ).toEqual([
    '/runbooks/a/#old is gone: write `was="old"` on the step that took its place',
    '/runbooks/b/ is gone: name its address in `aliases:` of the page that took its place',
  ])
})
