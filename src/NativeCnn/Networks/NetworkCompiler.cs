using NativeCnn.Backends;
using NativeCnn.Layers;
using NativeCnn.Tensors;

namespace NativeCnn.Networks;

/// <summary>One layer of a compiled network, before its tensors exist.</summary>
internal sealed class PlannedStep(int node, Layer layer, Shape[] inputs, Shape output)
{
    /// <summary>The index in <see cref="Network.Nodes"/>.</summary>
    public int Node { get; } = node;

    public Layer Layer { get; } = layer;

    public Shape[] InputShapes { get; } = inputs;

    public Shape OutputShape { get; } = output;

    /// <summary>The steps whose outputs this one reads, or <see cref="NetworkNode.NetworkInput"/>.</summary>
    public required int[] Inputs { get; init; }

    /// <summary>The steps that read this one's output.</summary>
    public List<int> Readers { get; } = [];

    /// <summary>The activation fused into this step.</summary>
    public Activation Activation { get; set; } = Activation.Identity;

    /// <summary>Whether the output is the memory of an earlier step's output under another shape.</summary>
    public bool IsView { get; init; }

    /// <summary>Whether a gradient has to come back through this step.</summary>
    public bool NeedsGradient { get; set; }

    /// <summary>The output's buffer.</summary>
    public PlannedBuffer Value { get; set; } = null!;

    /// <summary>The buffer of the output's gradient; null where none is needed.</summary>
    public PlannedBuffer? Gradient { get; set; }

    /// <summary>What forward leaves for backward.</summary>
    public List<PlannedBuffer> Saved { get; } = [];

    /// <summary>Per input: where its gradient is written before it is added to another reader's; null where it is written in place.</summary>
    public required PlannedBuffer?[] Partial { get; init; }
}

/// <summary>What <see cref="NetworkCompiler"/> found out about a network, batch size and phase; no memory is taken yet.</summary>
internal sealed record CompilationPlan(
    Network Network,
    int Batch,
    Phase Phase,
    ElementType ElementType,
    IReadOnlyList<PlannedStep> Steps,
    long ArenaBytes
);

/// <summary>
/// Turns a graph of layers into a list of steps: infers shapes, fuses activations into the layer before, lets layers run in
/// place where nobody else reads their input, and places every buffer by its lifetime.
/// </summary>
/// <remarks>
/// Moments: step k runs forward at k, the loss at m (the number of steps), step k runs backward at 2m − k.
/// </remarks>
internal static class NetworkCompiler
{
    /// <summary>A layer's output shape; an error names the layer.</summary>
    public static Shape Infer(Layer layer, ReadOnlySpan<Shape> inputs)
    {
        try
        {
            return layer.Infer(inputs);
        }
        catch (Exception e) when (e is ShapeException or OverflowException)
        {
            throw new ShapeException($"Layer '{layer.Name}' ({layer.Kind}): {e.Message}", e);
        }
    }

    public static CompilationPlan Plan(Network network, int batch, Phase phase, ElementType type)
    {
        if (batch < 1)
            throw new ShapeException($"A batch has 1 or more examples; got {batch}.");
        List<PlannedStep> steps = Steps(network, batch, phase);
        PlanValues(steps, phase, type);
        if (phase == Phase.Training)
        {
            PlanSaved(steps, type);
            PlanGradients(steps, type);
        }
        long bytes = MemoryPlan.Place([.. Buffers(steps)]);
        return new CompilationPlan(network, batch, phase, type, steps, bytes);
    }

    private static List<PlannedStep> Steps(Network network, int batch, Phase phase)
    {
        var steps = new List<PlannedStep>();
        int[] stepOf = new int[network.Nodes.Count];
        for (int node = 0; node < network.Nodes.Count; node++)
        {
            (Layer layer, IReadOnlyList<int> sources, _) = network.Nodes[node];
            int[] inputs = [.. sources.Select(i => i == NetworkNode.NetworkInput ? i : stepOf[i])];
            if (layer.AsActivation is { } activation && CanFuse(network, sources[0], inputs[0], steps))
            {
                steps[inputs[0]].Activation = activation;
                stepOf[node] = inputs[0];
                continue;
            }
            Shape[] shapes =
            [
                .. inputs.Select(i =>
                    i == NetworkNode.NetworkInput ? network.InputShape.WithBatch(batch) : steps[i].OutputShape
                ),
            ];
            Shape output = Infer(layer, shapes);
            steps.Add(
                new PlannedStep(node, layer, shapes, output)
                {
                    Inputs = inputs,
                    Partial = new PlannedBuffer?[inputs.Length],
                    IsView = layer.IsView(phase) && inputs[0] >= 0,
                }
            );
            stepOf[node] = steps.Count - 1;
            foreach (int input in inputs.Where(i => i >= 0))
                steps[input].Readers.Add(steps.Count - 1);
        }
        return steps;
    }

    private static bool CanFuse(Network network, int source, int step, List<PlannedStep> steps) =>
        step >= 0
        && steps[step].Layer.CanFuseActivation
        && steps[step].Activation == Activation.Identity
        && network.Nodes.Sum(node => node.Inputs.Count(i => i == source)) == 1;

    private static void PlanValues(List<PlannedStep> steps, Phase phase, ElementType type)
    {
        int loss = steps.Count;
        for (int k = 0; k < steps.Count; k++)
        {
            PlannedStep step = steps[k];
            bool shares = step.IsView || RunsInPlace(steps, step, phase);
            step.Value = shares
                ? steps[step.Inputs[0]].Value
                : new PlannedBuffer(step.Layer.Name, (long)step.OutputShape.Count * type.Size(), k);
            step.Value.UseAt(k);
            foreach (int reader in step.Readers)
                step.Value.UseAt(reader);
            if (k == steps.Count - 1)
                step.Value.UseAt(loss);
            if (phase == Phase.Inference)
                continue;
            if (ReadsOutput(step))
                step.Value.UseAt(2 * loss - k);
            foreach (int reader in step.Readers.Where(r => (steps[r].Layer.BackwardReads & BackwardReads.Input) != 0))
                step.Value.UseAt(2 * loss - reader);
        }
    }

    // An activation or dropout may overwrite its input if nobody else reads that memory, now or on the way back.
    private static bool RunsInPlace(List<PlannedStep> steps, PlannedStep step, Phase phase)
    {
        if (!step.Layer.CanRunInPlace)
            return false;
        int source = step.Inputs[0];
        while (source >= 0)
        {
            PlannedStep owner = steps[source];
            if (owner.Readers.Count > 1 || (phase == Phase.Training && ReadsOutput(owner)))
                return false;
            int before = owner.Inputs[0];
            if (before < 0 || steps[before].Value != owner.Value)
                return true;
            source = before;
        }
        return false;
    }

    private static bool ReadsOutput(PlannedStep step) =>
        (step.Layer.BackwardReads & BackwardReads.Output) != 0 || step.Activation != Activation.Identity;

    private static void PlanSaved(List<PlannedStep> steps, ElementType type)
    {
        for (int k = 0; k < steps.Count; k++)
        {
            foreach ((Shape shape, ElementType savedType) in steps[k].Layer.Saved(steps[k].InputShapes, type))
            {
                var buffer = new PlannedBuffer($"{steps[k].Layer.Name} saved", (long)shape.Count * savedType.Size(), k);
                buffer.UseAt(2 * steps.Count - k);
                steps[k].Saved.Add(buffer);
            }
        }
    }

    private static void PlanGradients(List<PlannedStep> steps, ElementType type)
    {
        int loss = steps.Count;
        foreach (PlannedStep step in steps)
        {
            step.NeedsGradient =
                step.Layer.Parameters.Count > 0 || step.Inputs.Any(i => i >= 0 && steps[i].NeedsGradient);
        }
        for (int k = steps.Count - 1; k >= 0; k--)
        {
            PlannedStep step = steps[k];
            // The loss writes the last gradient even where no parameter asks for it.
            if (!step.NeedsGradient && k < steps.Count - 1)
                continue;
            int written = k == steps.Count - 1 ? loss : 2 * loss - step.Readers[^1];
            PlannedStep? sharer = step.Readers is [int only] && SharesGradient(steps[only]) ? steps[only] : null;
            step.Gradient =
                sharer?.Gradient
                ?? new PlannedBuffer(
                    $"{step.Layer.Name} gradient",
                    (long)step.OutputShape.Count * type.Size(),
                    written
                );
            step.Gradient.UseAt(written);
            step.Gradient.UseAt(2 * loss - k);
            PlanPartials(steps, k, type);
        }
    }

    // A view's gradient, and that of a layer that can run in place, may lie where its output's gradient lies.
    private static bool SharesGradient(PlannedStep step) => step.IsView || step.Layer.CanRunInPlace;

    // The last reader runs backward first and overwrites; every other one writes apart, and is added.
    private static void PlanPartials(List<PlannedStep> steps, int source, ElementType type)
    {
        IEnumerable<(int Reader, int Slot)> places =
            from reader in steps[source].Readers.Distinct()
            orderby reader descending
            from slot in Enumerable.Range(0, steps[reader].Inputs.Length)
            where steps[reader].Inputs[slot] == source
            select (reader, slot);
        foreach ((int reader, int slot) in places.Skip(1))
        {
            long bytes = (long)steps[source].OutputShape.Count * type.Size();
            steps[reader].Partial[slot] = new PlannedBuffer(
                $"{steps[reader].Layer.Name} partial",
                bytes,
                2 * steps.Count - reader
            );
        }
    }

    private static HashSet<PlannedBuffer> Buffers(List<PlannedStep> steps)
    {
        var buffers = new HashSet<PlannedBuffer>();
        foreach (PlannedStep step in steps)
        {
            foreach (
                PlannedBuffer? buffer in (PlannedBuffer?[])[step.Value, step.Gradient, .. step.Saved, .. step.Partial]
            )
            {
                if (buffer is not null)
                    buffers.Add(buffer);
            }
        }
        return buffers;
    }
}
