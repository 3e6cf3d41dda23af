/** A command on a registry. Its options are checked when it is called, and refused when it is subscribed to. */
import type { Observable } from 'rxjs';
import { type Command, type CommandOptions, command } from '../../operators/command.js';
import { requireCommandOptions } from '../command-options.js';

export const registryCommand = <T>(work: Observable<T>, options: CommandOptions | undefined): Command<T> => {
  try {
    requireCommandOptions(options);
  } catch (error) {
    return command((listener) => listener.error(error));
  }
  return command((listener) => work.subscribe(listener), options);
};
