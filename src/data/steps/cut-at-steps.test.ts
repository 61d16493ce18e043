import { expect, test } from 'vitest'
import { cutAtSteps } from './cut-at-steps.ts'

test('the HTML of a runbook is cut at its steps, and no word is lost', () => {
  const html = `<p>before</p>
<runbook-step data-step="a"><h2 id="a">A</h2><runbook-lead><p>shown</p></runbook-lead><runbook-rest></runbook-rest></runbook-step>
<details><runbook-step data-step="b"><h2 id="b">B</h2>
<runbook-lead></runbook-lead>
<runbook-rest><p>folded</p></runbook-rest>
</runbook-step></details>after`
  expect(cutAtSteps(html)).toEqual([
    '<p>before</p>\n',
    { id: 'a', heading: '<h2 id="a">A</h2>', lead: '<p>shown</p>', rest: '' },
    '\n<details>',
    { id: 'b', heading: '<h2 id="b">B</h2>\n', lead: '', rest: '<p>folded</p>' },
    '</details>after',
  ])
})

test('a text without steps stays whole', () => {
  expect(cutAtSteps('<p>words</p>')).toEqual(['<p>words</p>'])
})
