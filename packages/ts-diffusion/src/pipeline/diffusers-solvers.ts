/** Schedulers of diffusers that are multistep solvers here, by the sampler with the same algorithm. */
export const diffusersSolvers = {
  DPMSolverMultistepScheduler: 'dpm-solver++',
  UniPCMultistepScheduler: 'unipc',
} as const;

/** A scheduler of diffusers that is a multistep solver. */
export type DiffusersSolver = keyof typeof diffusersSolvers;

/** Of both: noise levels are those of the timesteps, and the last is 0. */
const plain: Readonly<Record<string, readonly unknown[]>> = {
  solver_order: [2],
  use_karras_sigmas: [false],
  use_exponential_sigmas: [false],
  use_beta_sigmas: [false],
  use_lu_lambdas: [false],
  use_flow_sigmas: [false],
  final_sigmas_type: ['zero'],
};

/**
 * What the fields that choose the algorithm may be, the default of diffusers first. Names after it are those of other schedulers, which
 * diffusers takes for the default.
 */
const algorithms: Readonly<Record<DiffusersSolver, Readonly<Record<string, readonly unknown[]>>>> = {
  DPMSolverMultistepScheduler: {
    ...plain,
    algorithm_type: ['dpmsolver++', 'deis'],
    solver_type: ['midpoint', 'logrho', 'bh1', 'bh2'],
  },
  UniPCMultistepScheduler: {
    ...plain,
    predict_x0: [true],
    solver_type: ['bh2', 'midpoint', 'heun', 'logrho'],
    disable_corrector: [[]],
    solver_p: [null],
  },
};

/**
 * The first field of a scheduler configuration that asks for another algorithm than the sampler here has, and the value that it may have;
 * undefined: there is none. A field that is missing or null has its default.
 */
export function otherAlgorithm(
  solver: DiffusersSolver,
  config: Readonly<Record<string, unknown>>,
): { readonly field: string; readonly expected: unknown } | undefined {
  for (const [field, allowed] of Object.entries(algorithms[solver])) {
    const value = config[field] ?? allowed[0];
    const isAllowed = allowed.some((each) => JSON.stringify(each) === JSON.stringify(value));
    if (!isAllowed) return { field, expected: allowed[0] };
  }
  return undefined;
}
