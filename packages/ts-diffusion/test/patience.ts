import { vi } from 'vitest';

/** For what must come, however busy the machine is: a test fails by what does not come at all, not by what comes late. */
export const patient = { timeout: 120_000 };

/** Lets each test of the file wait several times. */
export function patientTests(): void {
  vi.setConfig({ testTimeout: 4 * patient.timeout, hookTimeout: patient.timeout });
}
