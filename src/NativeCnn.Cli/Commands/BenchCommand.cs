using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NativeCnn.Backends;
using NativeCnn.Cli.Diagnostics;
using NativeCnn.Cli.Output;
using NativeCnn.Interop;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Cli.Commands;

/// <summary>
/// <c>nativecnn bench</c>: the time of a training step and an inference pass, and the memory they take.
/// </summary>
internal sealed class BenchCommand : Command
{
    private readonly MeasuredNetworkOptions _measured = new();
    private readonly BackendChoice _backend = new();
    private readonly Option<bool> _json = CommonOptions.Json();

    public BenchCommand()
        : base("bench", "Times training steps and inference passes on random examples, the result checked first.")
    {
        _measured.AddTo(this);
        _backend.AddTo(this, canTune: true);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult arguments)
    {
        CommandOutput output = new(arguments.GetValue(_json));
        int batch = _measured.Batch(arguments);
        using Network network = _measured.Create(arguments);
        using Backend backend = _backend.Create(arguments);
        using NetworkBenchmark benchmark = new(network, backend, batch);
        string checkedAgainst = benchmark.CheckOutputs();
        TrainingBenchmark training = benchmark.Train(_measured.Duration(arguments));
        // Inference takes less, so that the peak of the whole process is training's.
        double trainPeak = ProcessMemory.PeakMegabytes();
        RunTimes inference = benchmark.Infer(_measured.Duration(arguments));
        _backend.PrintTuning(arguments, backend);
        NativeRuntimeInfo native = NativeWarnings.Print();
        BenchResult result = new(
            network,
            batch,
            backend,
            training,
            inference,
            trainPeak,
            ProcessMemory.PeakMegabytes(),
            checkedAgainst,
            native
        );
        if (output.IsJson)
            JsonLine.Print(result.Write);
        else
            result.Print(output);
        return ExitCodes.Success;
    }

    private sealed record BenchResult(
        Network Network,
        int Batch,
        Backend Backend,
        TrainingBenchmark Training,
        RunTimes Inference,
        double TrainPeak,
        double Peak,
        string CheckedAgainst,
        NativeRuntimeInfo Native
    )
    {
        private string InstructionSet => InstructionSets.Name(Native.Shim.InstructionSet);

        public void Write(Utf8JsonWriter json)
        {
            json.WriteString("model", Network.Name);
            json.WriteString("image", Image);
            json.WriteNumber("batch", Batch);
            json.WriteString("backend", Backend.Name);
            json.WriteNumber("threads", Backend.Threads);
            json.WriteNumber("train_ms", Training.Step.Median);
            json.WriteNumber("train_ms_min", Training.Step.Fastest);
            json.WriteNumber("train_ms_p99", Training.Step.Percentile99);
            json.WriteNumber("train_steps", Training.Step.Runs);
            json.WriteNumber("infer_ms", Inference.Median);
            json.WriteNumber("infer_ms_min", Inference.Fastest);
            json.WriteNumber("infer_ms_p99", Inference.Percentile99);
            json.WriteNumber("infer_passes", Inference.Runs);
            json.WriteNumber("peak_mb", Peak);
            json.WriteNumber("train_peak_mb", TrainPeak);
            json.WriteNumber("allocated_bytes_per_step", Training.AllocatedBytesPerStep);
            json.WriteNumber("first_loss", Training.FirstLoss);
            json.WriteNumber("last_loss", Training.LastLoss);
            json.WriteString("checked_against", CheckedAgainst);
            json.WriteString("instruction_set", InstructionSet);
            json.WriteString("openblas", Native.OpenBlas.Version);
            json.WriteString("openblas_core", Native.OpenBlas.Core);
        }

        public void Print(CommandOutput output)
        {
            output.Line($"{Network.Name}, {Image}, batch {Batch}, threads: {Backend.Threads}, backend: {Backend.Name}");
            output.Line($"Training step   {Times(Training.Step)}");
            output.Line($"Inference pass  {Times(Inference)}");
            output.Line($"Peak memory     {Megabytes(Peak)} MB, after training {Megabytes(TrainPeak)} MB");
            output.Line($"Allocated       {Figures.Count(Training.AllocatedBytesPerStep)} bytes per step");
            output.Line($"Checked         outputs against {CheckedAgainst}; loss {Figures.Loss(Training.FirstLoss)}");
            output.Line(
                $"Computed with   {InstructionSet}, OpenBLAS {Native.OpenBlas.Version} ({Native.OpenBlas.Core})"
            );
        }

        private string Image =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Network.InputShape.Height}x{Network.InputShape.Width}x{Network.InputShape.Channels}"
            );

        private static string Megabytes(double value) => Figures.Count((long)Math.Ceiling(value));

        private static string Times(RunTimes times) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{times.Median:0.000} ms median, {times.Fastest:0.000} fastest, {times.Percentile99:0.000} p99 of {times.Runs}"
            );
    }
}
