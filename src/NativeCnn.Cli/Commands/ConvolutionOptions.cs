using System.CommandLine;
using System.CommandLine.Parsing;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Cli.Output;

namespace NativeCnn.Cli.Commands;

/// <summary>The options that say how the native backend computes convolutions.</summary>
internal sealed class ConvolutionOptions
{
    private readonly Option<string> _algorithm = CommonOptions.Algorithm();
    private readonly Option<bool> _exact = CommonOptions.Exact();
    private readonly Option<bool> _tune = CommonOptions.Tune();
    private readonly Option<string> _cache = CommonOptions.TuningCache();

    /// <summary>Adds the options to a command, and the check that they do not contradict each other.</summary>
    /// <param name="command">The command.</param>
    /// <param name="canTune">Whether the command runs long enough for measuring to pay.</param>
    public void AddTo(Command command, bool canTune)
    {
        command.AddAll(_algorithm, _exact);
        if (canTune)
            command.AddAll(_tune, _cache);
        command.Validators.Add(result =>
        {
            if (canTune && result.GetResult(_cache) is { Implicit: false } && !result.GetValue(_tune))
                result.AddError("--tuning-cache goes with --tune: no other run reads or writes measured choices.");
            // The word as typed: a value that was refused cannot be asked for.
            if (result.GetResult(_algorithm)?.Tokens is not [var token])
                return;
            string algorithm = token.Value;
            if (canTune && result.GetValue(_tune))
                result.AddError("Give either --algorithm or --tune: a forced algorithm leaves nothing to choose.");
            if (result.GetValue(_exact) && algorithm.StartsWith("winograd", StringComparison.Ordinal))
                result.AddError($"Give either --exact or --algorithm {algorithm}: --exact rules Winograd out.");
        });
    }

    /// <summary>The first option given that means nothing to a backend with one algorithm, or null.</summary>
    public string? FirstNativeOnly(CommandResult result) =>
        ((Option[])[_algorithm, _tune, _cache]).FirstOrDefault(o => result.GetResult(o) is { Implicit: false })?.Name;

    /// <summary>Whether <c>--algorithm onednn</c> was typed, which only one backend knows.</summary>
    public bool IsOneDnn(CommandResult result) =>
        result.GetResult(_algorithm)?.Tokens is [{ Value: CommonOptions.OneDnn }];

    /// <summary>Whether Winograd's algorithm is ruled out.</summary>
    public bool IsExact(ParseResult arguments) => arguments.GetValue(_exact);

    /// <summary>The native backend's options.</summary>
    /// <param name="arguments">What the user typed.</param>
    /// <param name="threads">How many.</param>
    /// <param name="kept">Choices that came with a model file, or null.</param>
    public NativeBackendOptions Read(ParseResult arguments, int threads, string? kept = null) =>
        new()
        {
            Threads = threads,
            Exact = arguments.GetValue(_exact),
            Algorithm = arguments.GetValue(_algorithm),
            Tuning = new ConvolutionTuning
            {
                Measure = arguments.GetValue(_tune),
                CachePath = arguments.GetValue(_cache) ?? ConvolutionTuning.DefaultCachePath,
                Kept = kept,
                Report = Notice.Write,
            },
        };

    /// <summary>Says in one line where measured choices that were used came from, if any were.</summary>
    public void PrintUse(ParseResult arguments, Backend backend)
    {
        if (BackendChoice.NativeOf(backend)?.Convolutions.Tuned is not { } tuned || tuned.Use == default)
            return;
        (int kept, int cached, int measured) = tuned.Use;
        string cache = arguments.GetValue(_cache) ?? ConvolutionTuning.DefaultCachePath ?? "";
        Notice.Write(
            kept > 0
                ? $"tuning: {kept} measured choices of algorithms are used that the model file keeps."
                : $"tuning: {cached} choices of algorithms are used from {cache}, {measured} were measured now."
        );
    }
}
