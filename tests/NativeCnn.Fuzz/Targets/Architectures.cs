using System.Text;
using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Formats;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Fuzz.Targets;

/// <summary>
/// The JSON of an architecture. What is read is compiled for both backends and both phases, and run once if it is
/// small: nothing that was read may be refused later, but for its size.
/// </summary>
internal sealed class Architectures : FuzzTarget
{
    private const double MostRunBytes = 16 << 20;
    private const long MostRunProducts = 10_000_000;

    private static readonly ReadingLimits Limits = new() { Layers = 64, Inputs = 16 };

    private static readonly ManagedBackend Managed = new();
    private static readonly NativeBackend Native = new(2);

    public override string Name => "architecture";

    public override IReadOnlyList<byte[]> Wholes { get; } =
    [
        .. Examples.Networks.Select(create =>
        {
            using Network network = create();
            return Encoding.UTF8.GetBytes(ModelFile.Describe(network));
        }),
    ];

    public override IReadOnlyList<string> Words => [.. LayerRegistry.Kinds, "null", "true", "false", "{}", "[]", "-1"];

    public override string Run(byte[] input, string file)
    {
        // What is left behind if this ends the process.
        File.WriteAllBytes(file, input);
        Network network;
        try
        {
            network = ModelFile.Parse(file, Encoding.UTF8.GetString(input), Limits);
        }
        catch (DataFormatException e)
        {
            return Outcome(e);
        }
        using (network)
        {
            foreach (Backend backend in (Backend[])[Managed, Native])
            foreach (Phase phase in (Phase[])[Phase.Inference, Phase.Training])
            {
                if (!Compute(network, backend, phase))
                    return "read, too large to run";
            }
        }
        return $"read, run {network.Nodes.Count}";
    }

    private static bool Compute(Network network, Backend backend, Phase phase)
    {
        if (NetworkMemory.Of(network, backend, 2, phase).Total > MostRunBytes)
            return false;
        // Products are not all that takes time: windows are looked at value by value.
        if (network.Summarize(2, backend).Layers.Sum(Work) > MostRunProducts)
            return false;
        network.Initialize(1);
        using CompiledNetwork compiled = network.Compile(backend, 2, phase);
        Tensor[] inputs =
        [
            .. network.InputShapes.Select(shape => new Tensor(shape.WithBatchSize(2), backend.ElementType)),
        ];
        compiled.Forward(inputs);
        if (phase == Phase.Training)
        {
            compiled.ZeroGradients();
            compiled.Backward();
        }
        foreach (Tensor tensor in inputs)
            tensor.Dispose();
        return true;

        long Work(LayerSummary summary)
        {
            Layer layer = network.Nodes.First(node => node.Layer.Name == summary.Name).Layer;
            long window = layer switch
            {
                Pooling pooling => (long)pooling.Window.Height * pooling.Window.Width,
                LocalResponseNorm norm => norm.Options.Size,
                SubtractiveNorm norm => (long)norm.Window.Size * norm.Window.Size,
                DivisiveNorm norm => (long)norm.Window.Size * norm.Window.Size,
                _ => 1,
            };
            return summary.MultiplyAdds + window * summary.OutputShape.Count;
        }
    }
}
