import { type DraftEffect, type DraftState, type SaveState, storedDraft } from './draft-state.ts';

export interface DraftStep {
  readonly state: DraftState;
  /** In the order in which they must be carried out. */
  readonly effects: readonly DraftEffect[];
}

export const step = (state: DraftState, ...effects: readonly DraftEffect[]): DraftStep => ({ state, effects });

export function andThen(first: DraftStep, next: (state: DraftState) => DraftStep): DraftStep {
  const { state, effects } = next(first.state);
  return { state, effects: [...first.effects, ...effects] };
}

export const withSave = (state: DraftState, save: SaveState): DraftState => ({ ...state, save });

export function withSaveAt(state: DraftState, saveAt: number | undefined): DraftState {
  return 'saveAt' in state.save ? withSave(state, { ...state.save, saveAt }) : state;
}

/** Updates the copy in the browser. */
export const copy = (state: DraftState): DraftStep =>
  step({ ...state, copyAt: undefined }, { type: 'store', draft: storedDraft(state) });
