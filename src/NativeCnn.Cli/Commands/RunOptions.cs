using System.CommandLine;
using System.Globalization;
using NativeCnn.Backends;
using NativeCnn.Cli.Output;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary>
/// How a run of <c>train</c> is repeated and gone on with: its settings in a file, and checkpoints.
/// </summary>
internal sealed class RunOptions
{
    // What a run does not depend on: they may differ where it goes on, and are in no file of settings.
    private static readonly string[] Free =
    [
        "--config",
        "--resume",
        "--out",
        "--overwrite",
        "--json",
        "--threads",
        "--tuning-cache",
        "--checkpoint-every",
        "--keep-checkpoints",
        "--tensorboard",
        "--find-lr",
        "--verbose",
        "--help",
    ];

    private readonly Option<string> _config = new("--config")
    {
        Description =
            "Read options from a file that a run has left in its folder, run.json; what is typed comes before.",
        HelpName = "FILE",
    };
    private readonly Option<string> _resume = new("--resume")
    {
        Description =
            "Go on with a run that was stopped, to the same bits: from the newest checkpoint in its folder, or from FILE. "
            + "Its settings are read from there.",
        HelpName = "DIR|FILE",
    };
    private readonly Option<int> _every = CommonOptions.Number<int>(
        "--checkpoint-every",
        "N",
        "Write a checkpoint after so many steps, besides those at the ends of epochs; 0 for those alone.",
        0,
        new(0, 1_000_000_000)
    );
    private readonly Option<int> _kept = CommonOptions.Number<int>(
        "--keep-checkpoints",
        "K",
        "How many checkpoints are kept, besides the best epoch's; 0 for no checkpoints at all.",
        2,
        new(0, 1_000_000)
    );

    private readonly Option<bool> _events = new("--tensorboard")
    {
        Description = "Write the curves as event files for TensorBoard too, to the folder tensorboard.",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command, Option output, Option overwrite)
    {
        command.AddAll(_config, _resume, _every, _kept, _events);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_resume) is null)
                return;
            foreach (Option other in (Option[])[_config, output, overwrite])
            {
                if (result.GetResult(other) is { Implicit: false })
                    result.AddError($"Give either --resume or {other.Name}: a run goes on in its own folder.");
            }
        });
    }

    /// <summary>What was typed together with what a file of settings or a checkpoint has.</summary>
    /// <exception cref="CommandException">
    /// A file cannot be used, or something typed differs from the run that is to go on.
    /// </exception>
    public RunStart Read(ParseResult typed)
    {
        if (typed.GetValue(_resume) is { } resumed)
        {
            Checkpoint checkpoint = Find(resumed, out string folder);
            string path = checkpoint.FilePath;
            RunSettings kept = checkpoint.Metadata.TryGetValue(TrainedFiles.SettingsKey, out string? text)
                ? RunSettings.Parse(path, text)
                : throw new CommandException($"{path} was not written by train: it has no settings.");
            CheckSame(typed, path, kept);
            return new RunStart(Merge(typed, path, kept), checkpoint, folder, kept);
        }
        return typed.GetValue(_config) is { } config
            ? new RunStart(Merge(typed, config, RunSettings.Load(config)))
            : new RunStart(typed);
    }

    /// <summary>Says where a run goes on, and that it may end with other bits where the machine is another one.</summary>
    public static void Print(Checkpoint? start, CommandOutput output, Backend backend)
    {
        if (start is null)
            return;
        output.Line($"Going on from {start}, with {start.FilePath}");
        string machine = start.Metadata.GetValueOrDefault(TrainedFiles.MachineKey, "not known");
        string here = TrainedFiles.Machine(backend);
        if (machine != here)
            Notice.Write(
                $"the run was begun on another machine or version and may end with other bits: {machine} there, {here} here."
            );
    }

    /// <summary>What follows a run and writes its event files; null where there are to be none.</summary>
    public EventObserver? CreateEvents(ParseResult arguments, TrainedFiles files) =>
        arguments.GetValue(_events) ? new EventObserver(Path.Combine(files.Folder, "tensorboard")) : null;

    /// <summary>What follows a run and writes its checkpoints; null where there are to be none.</summary>
    public CheckpointKeeper? CreateKeeper(ParseResult arguments, Trainer trainer, TrainedFiles files)
    {
        int kept = arguments.GetValue(_kept);
        return kept == 0
            ? null
            : new CheckpointKeeper(trainer, files.Checkpoints)
            {
                EveryBatches = arguments.GetValue(_every),
                Kept = kept,
                Metadata = () => files.CheckpointMetadata(trainer.Compiled),
            };
    }

    /// <summary>
    /// The settings of a run: what was typed, and the model's own numbers, so that the file means the same where a later
    /// version's model has others.
    /// </summary>
    public static RunSettings Describe(ParseResult arguments, IEnumerable<(string Name, string Text)> own)
    {
        RunSettings settings = new();
        foreach ((string name, string text) in own)
            settings.Add(name, [text]);
        foreach (Option option in arguments.CommandResult.Command.Options)
        {
            if (!Free.Contains(option.Name) && option.IsGiven(arguments))
                settings.Add(option.Name[2..], Typed(arguments, option));
        }
        return settings;
    }

    private static Checkpoint Find(string resumed, out string folder)
    {
        if (File.Exists(resumed))
        {
            string parent = Path.GetDirectoryName(Path.GetFullPath(resumed))!;
            folder =
                Path.GetFileName(parent) == TrainedFiles.CheckpointFolder ? Path.GetDirectoryName(parent)! : parent;
            return Checkpoint.Open(resumed);
        }
        if (!Directory.Exists(resumed))
            throw new CommandException($"There is no {resumed}, and so no checkpoint to go on from.");
        // The folder of checkpoints stands for the run's, as its files do.
        string whole = Path.GetFullPath(Path.TrimEndingDirectorySeparator(resumed));
        folder = Path.GetFileName(whole) == TrainedFiles.CheckpointFolder ? Path.GetDirectoryName(whole)! : resumed;
        return CheckpointKeeper.FindLatest(
                Path.Combine(folder, TrainedFiles.CheckpointFolder),
                problem => Notice.Write($"a checkpoint is passed over: {problem}")
            ) ?? throw new CommandException($"{resumed} holds no checkpoint that a run could go on from.");
    }

    private static void CheckSame(ParseResult typed, string path, RunSettings kept)
    {
        foreach (Option option in typed.CommandResult.Command.Options)
        {
            if (Free.Contains(option.Name) || !option.IsGiven(typed))
                continue;
            IReadOnlyList<string> now = Typed(typed, option);
            IReadOnlyList<string>? before = kept.Options.ContainsKey(option.Name[2..])
                ? kept.TextsOf(path, option.Name[2..])
                : null;
            if (before is null)
                throw CommandException.Usage(
                    $"{Spelled(option, now)} is not the run's setting: {path} was begun without {option.Name}. Leave it out, or begin another run."
                );
            if (!before.Select(Canonical).SequenceEqual(now.Select(Canonical)))
                throw CommandException.Usage(
                    $"{Spelled(option, now)} is not the run's setting: {path} has {Spelled(option, before)}. Leave it out, or begin another run."
                );
        }
    }

    private static ParseResult Merge(ParseResult typed, string path, RunSettings settings)
    {
        Command command = typed.CommandResult.Command;
        List<string> words = [.. typed.Tokens.Select(token => token.Value)];
        foreach (string name in settings.Options.Keys)
        {
            Option? option = command.Options.FirstOrDefault(option => option.Name == $"--{name}");
            if (option is null || Free.Contains(option.Name))
                throw new CommandException($"{path}: {name} is no setting of a run.");
            if (option.IsGiven(typed) || settings.TextsOf(path, name) is not { } texts)
                continue;
            words.AddRange(texts.Count == 0 ? [option.Name] : texts.Select(text => $"{option.Name}={text}"));
        }
        // The same options, which are then asked for their values.
        ParseResult merged = Program.Parse(typed.RootCommandResult.Command, words);
        return merged.Errors is [var error, ..] ? throw CommandException.Usage($"{path}: {error.Message}") : merged;
    }

    private static string[] Typed(ParseResult arguments, Option option) =>
        [.. arguments.GetResult(option)!.Tokens.Select(token => token.Value)];

    private static string Spelled(Option option, IReadOnlyList<string> texts) =>
        texts.Count == 0 ? option.Name : string.Join(' ', texts.Select(text => $"{option.Name} {text}"));

    // Of a number its value, however it was written.
    private static string Canonical(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && Math.Abs(number) < 1L << 53
            ? number.ToString("R", CultureInfo.InvariantCulture)
            : text;
}

/// <summary>How a run begins.</summary>
/// <param name="Arguments">What was typed together with what was read.</param>
/// <param name="Checkpoint">Where it goes on; null for a new run.</param>
/// <param name="Folder">The folder of the run that goes on; null for a new run.</param>
/// <param name="Settings">The settings of the run that goes on; null for a new run.</param>
internal sealed record RunStart(
    ParseResult Arguments,
    Checkpoint? Checkpoint = null,
    string? Folder = null,
    RunSettings? Settings = null
);
