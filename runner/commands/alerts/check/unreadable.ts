import type { Finding } from '../../../alerts/finding.ts'

/** Whether something that was asked for could not be looked at. */
export function isUnreadable({ code, severity }: Finding): boolean {
  return code === 'AL00' && severity === 'error'
}
