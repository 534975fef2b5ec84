using NativeCnn.Formats;
using NativeCnn.Networks;

namespace NativeCnn.Cli.Output;

/// <summary>A network's layers as a table or as JSON.</summary>
internal static class SummaryTable
{
    public static void Print(CommandOutput output, Network network, NetworkSummary summary, int batch)
    {
        TextTable table = new(
            $"{network.Name}, input {network.InputShape.WithBatchSize(batch)}",
            new TextColumn("layer", Footer: "total"),
            new TextColumn("kind", Rank: 3),
            new TextColumn("output shape", Rank: 1),
            new TextColumn("parameters", IsNumber: true, Footer: Figures.Count(summary.Parameters)),
            new TextColumn("multiply-adds", IsNumber: true, Rank: 2, Footer: Figures.Count(summary.MultiplyAdds)),
            new TextColumn("output memory", IsNumber: true, Rank: 4)
        );
        foreach (LayerSummary layer in summary.Layers)
        {
            table.Row(
                layer.Name,
                layer.Kind,
                layer.OutputShape.ToString(),
                Figures.Count(layer.Parameters),
                Figures.Count(layer.MultiplyAdds),
                Figures.Bytes(layer.Bytes)
            );
        }
        output.Table(table);
        PrintMemory(output, "training ", summary.Training);
        PrintMemory(output, "inference", summary.Inference);
    }

    public static void PrintJson(Network network, NetworkSummary summary, int batch) =>
        JsonLine.Print(json =>
        {
            json.WriteString("model", network.Name);
            json.WriteNumber("batch", batch);
            json.WriteStartArray("layers");
            foreach (LayerSummary layer in summary.Layers)
            {
                json.WriteStartObject();
                json.WriteString("name", layer.Name);
                json.WriteString("kind", layer.Kind);
                json.WriteStartArray("output_shape");
                json.WriteNumberValue(layer.OutputShape.BatchSize);
                json.WriteNumberValue(layer.OutputShape.Height);
                json.WriteNumberValue(layer.OutputShape.Width);
                json.WriteNumberValue(layer.OutputShape.Channels);
                json.WriteEndArray();
                json.WriteNumber("parameters", layer.Parameters);
                json.WriteNumber("state", layer.State);
                json.WriteNumber("multiply_adds", layer.MultiplyAdds);
                json.WriteNumber("bytes", layer.Bytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("parameters", summary.Parameters);
            json.WriteNumber("state", summary.State);
            json.WriteNumber("multiply_adds", summary.MultiplyAdds);
            json.WriteNumber("training_bytes", summary.Training.Total);
            json.WriteNumber("training_scratch_bytes", summary.Training.Scratch);
            json.WriteNumber("inference_bytes", summary.Inference.Total);
            json.WriteNumber("inference_scratch_bytes", summary.Inference.Scratch);
            // What --network reads.
            json.WritePropertyName(NetworkFile.Member);
            ArchitectureWriter.Write(network, json);
        });

    private static void PrintMemory(CommandOutput output, string purpose, NetworkMemory memory) =>
        output.Line(
            $"Memory for {purpose}  {Figures.Bytes(memory.Total)}, of which kernels' scratch {Figures.Bytes(memory.Scratch)}"
        );
}
