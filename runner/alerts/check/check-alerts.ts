import { sortByPlace } from '../../model/diagnostic.ts'
import { finding, placesIn } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { RuleFile } from '../rule.ts'
import { isSelected, subjectOf } from './alert.ts'
import type { CheckOptions, Subject } from './alert.ts'
import { missingLabels, unencodedLabels } from './alert-labels.ts'
import { lateQuery, missingAnchor, missingLink, missingPage, noAddress, parameters } from './alert-links.ts'
import { missingFor, unsafeLink } from './safety.ts'
import { counted } from '../../model/counted.ts'

const perAlert = [missingLink, missingLabels, missingFor]
const perLink = [noAddress, missingPage, missingAnchor, parameters, unencodedLabels, lateQuery, unsafeLink]

export interface Checked {
  findings: Finding[]
  /** Every alert that was looked at. */
  subjects: Subject[]
}

/** Checks the alerts of rule files, each by itself. */
export function checkRules(files: readonly RuleFile[], options: CheckOptions): Checked {
  const subjects: Subject[] = []
  const findings: Finding[] = []
  for (const file of files) {
    const places = placesIn(file.file, file.text)
    for (const { message, offset, partial } of file.problems)
      findings.push(unreadable(places(offset), message, partial, file.rules.length))
    for (const rule of file.rules) {
      if (!isSelected(rule, options.labels)) continue
      const subject = subjectOf(rule, file, places, options)
      subjects.push(subject)
      findings.push(...perAlert.flatMap((check) => check(subject)))
      for (const link of subject.links) {
        if (link.text.value.trim() === '') continue
        findings.push(...perLink.flatMap((check) => check(subject, link)))
      }
    }
  }
  return { findings: sortByPlace(findings), subjects }
}

function unreadable(place: Finding['place'], message: string, partial: boolean, saved: number): Finding {
  const hint =
    saved > 0
      ? `Its ${counted(saved, 'alert')} ${saved === 1 ? 'was' : 'were'} still read one by one.`
      : 'Nothing in it was checked.'
  return finding('AL00', '', place, message, { hint, severity: partial ? 'warning' : 'error' })
}
