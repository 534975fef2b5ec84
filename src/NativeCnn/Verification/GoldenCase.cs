using System.Text.Json;
using NativeCnn.Formats;
using NativeCnn.Losses;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Storage;
using NativeCnn.Tensors;

namespace NativeCnn.Verification;

/// <summary>
/// An open case: the network, what it is given and what is expected of it. Opening it checks that every tensor that
/// belongs to it is there, with its sizes, and no other.
/// </summary>
internal sealed class GoldenCase : IDisposable
{
    internal const string Format = "nativecnn.golden";
    private const string DescriptionKey = "golden";

    private readonly string _path;
    private readonly string _architecture;
    private readonly ReadingLimits _limits;
    private readonly SafetensorsFile _file;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private GoldenCase(string path, SafetensorsFile file, ReadingLimits limits)
    {
        (_path, _file, _limits) = (path, file, limits);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw Fault($"its metadata do not have the format {Format}: it is no case to verify");
        _architecture =
            file.Metadata.GetValueOrDefault(ModelFile.ArchitectureKey)
            ?? throw Fault($"its metadata have no architecture, '{ModelFile.ArchitectureKey}'");
        Description = ReadDescription(
            file.Metadata.GetValueOrDefault(DescriptionKey)
                ?? throw Fault($"its metadata have no description, '{DescriptionKey}'")
        );
        Network = ModelFile.Parse(path, _architecture, limits);
        if (Network.InputShapes.Count != 1 || Network.Outputs.Count != 1)
            throw Fault("its network has not one input and one output");
        CheckTensors();
    }

    /// <summary>The network with the case's parameters and state.</summary>
    public Network Network { get; }

    /// <summary>How it is trained.</summary>
    public CaseDescription Description { get; }

    /// <summary>N×H×W×C of the input.</summary>
    public Shape Input { get; private set; }

    /// <summary>N×H×W×C of the output.</summary>
    public Shape Output => Network.OutputShape.WithBatchSize(Input.BatchSize);

    /// <summary>The class indices; empty where targets are none.</summary>
    public int[] Labels { get; private set; } = [];

    /// <exception cref="DataFormatException">
    /// The file is damaged, is no case, or has a tensor too few, too many or of other sizes.
    /// </exception>
    public static GoldenCase Open(string path, ReadingLimits limits)
    {
        SafetensorsFile file = SafetensorsFile.Open(path, limits);
        try
        {
            var opened = new GoldenCase(path, file, limits);
            opened.Fill(opened.Network);
            opened.Labels = opened.ReadLabels();
            return opened;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the case has a tensor that it need not have.</summary>
    public bool Has(string name) => _file.Find(name) is not null;

    /// <summary>The values of a tensor that is there.</summary>
    public float[] Values(string name)
    {
        float[] values = new float[_file.Find(name)!.Count];
        _file.Read(name, values);
        return values;
    }

    /// <summary>A tensor of the case, in the element type of what computes.</summary>
    public Tensor Read(string name, Shape shape, ElementType type)
    {
        using var single = new Tensor(shape);
        _file.Read(name, single.Span);
        var tensor = new Tensor(shape, type);
        single.CopyTo(tensor);
        return tensor;
    }

    /// <summary>The same network with a shift of its input, whose gradient is the input's.</summary>
    public (Network Network, Parameter Shift) CreateShifted()
    {
        var layer = new InputShift(Input.BatchSize);
        Network shifted = ModelFile.Parse(_path, _architecture, _limits, input => input.Add(layer, " input"));
        Fill(shifted);
        return (shifted, layer.Parameters[0]);
    }

    /// <summary>What is wrong with the case, as the exception that says so.</summary>
    public DataFormatException Fault(string problem, Exception? cause = null) =>
        new($"{_path}: {problem.TrimEnd('.')}.", cause!);

    public void Dispose()
    {
        _file.Dispose();
        Network.Dispose();
    }

    private CaseDescription ReadDescription(string text)
    {
        try
        {
            return CaseDescription.Parse(text);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw Fault($"its description '{DescriptionKey}' cannot be read: {e.Message}", e);
        }
    }

    private void CheckTensors()
    {
        Input = CheckInput();
        foreach (Parameter parameter in Network.Parameters)
            Check($"parameters.{parameter.Name}", parameter.Shape);
        if (Description.Loss is null || Has("inference"))
            Check("inference", Output);
        if (Description.Loss is not null)
            CheckTraining();
        string? unknown = _file.Entries.Select(entry => entry.Name).FirstOrDefault(name => !_known.Contains(name));
        if (unknown is not null)
            throw Fault($"it holds the tensor '{unknown}', which means nothing in such a case");
        foreach (string name in Description.Factors.Keys.Except(Network.Parameters.Select(p => p.Name)))
            throw Fault($"its description has factors of '{name}', and the network has no such parameter");
    }

    private void CheckTraining()
    {
        Check("output", Output);
        Check("loss", Shape.Vector(1, 1));
        if (Description.Penalties.Count > 0)
            Check("penalty", Shape.Vector(1, 1));
        if (Description.Count is { } count && (count < 1 || count > Input.BatchSize))
            throw Fault($"its 'count' is {count}; it is 1 to the {Input.BatchSize} examples of the input");
        if (Description.Targets == TargetKind.Classes)
            Check("targets", Shape.Vector(1, Description.Count ?? Input.BatchSize));
        else
            Check("targets", Output);
        Check("gradients.input", Input);
        foreach (Parameter parameter in Network.Parameters)
        {
            if (parameter.Role == ParameterRole.Trained)
                Check($"gradients.{parameter.Name}", parameter.Shape);
            if (Description.Optimizer is not null)
                Check($"after.{parameter.Name}", parameter.Shape);
        }
    }

    private Shape CheckInput()
    {
        SafetensorsEntry entry = Find("input");
        Shape example = Network.InputShape;
        int[] sizes = [example.Height, example.Width, example.Channels];
        if (entry.Dimensions is not [>= 1 and var batch, _, _, _] || !entry.Dimensions.Skip(1).SequenceEqual(sizes))
            throw Fault($"its tensor 'input' is {Text(entry.Dimensions)}; the network takes examples of {Text(sizes)}");
        return example.WithBatchSize(batch);
    }

    private void Check(string name, Shape shape)
    {
        SafetensorsEntry entry = Find(name);
        int[] all = [shape.BatchSize, shape.Height, shape.Width, shape.Channels];
        bool isVector = shape is { BatchSize: 1, Height: 1, Width: 1 };
        bool fits = entry.Dimensions.SequenceEqual(all) || (isVector && entry.Dimensions.SequenceEqual(all[3..]));
        // A number may have no sizes.
        if (!fits && !(shape.Count == 1 && entry.Dimensions.Count == 0))
            throw Fault(
                $"its tensor '{name}' is {Text(entry.Dimensions)}; {Text(isVector ? all[3..] : all)} is needed"
            );
    }

    private SafetensorsEntry Find(string name)
    {
        _known.Add(name);
        return _file.Find(name) ?? throw Fault($"it lacks the tensor '{name}'");
    }

    private void Fill(Network network)
    {
        foreach (Parameter parameter in Network.Parameters)
        {
            Parameter own = network.Parameters.First(p => p.Name == parameter.Name);
            _file.Read($"parameters.{parameter.Name}", own.Value.Span);
            if (Description.Factors.TryGetValue(parameter.Name, out (float Rate, float Decay) factors))
                (own.LearningRateFactor, own.WeightDecayFactor) = factors;
        }
    }

    private int[] ReadLabels()
    {
        if (Description.Loss is null || Description.Targets != TargetKind.Classes)
            return [];
        float[] values = Values("targets");
        int classes = Output.Channels;
        foreach (float value in values)
        {
            if (!(value >= 0 && value < classes && value == MathF.Floor(value)))
                throw Fault($"its tensor 'targets' holds {value}, which is no class from 0 to {classes - 1}");
        }
        return [.. values.Select(value => (int)value)];
    }

    private static string Text(IReadOnlyList<int> dimensions) =>
        dimensions.Count == 0 ? "a number" : string.Join('×', dimensions);
}
